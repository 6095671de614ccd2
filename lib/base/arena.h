/*
 * arena.h - memory that lives exactly as long as one request or one job.
 *
 * Everything taken from an arena is given back by one arena_reset(), so an
 * early return never leaks.  What is not memory (a query result, a JSON
 * tree) joins the same lifetime through arena_defer().  What is given back is
 * wiped first, because any of it may have been a secret.
 *
 * Running out of memory ends the process: the size of a request is capped
 * before anything is allocated for it, and the process manager starts a
 * fresh worker.  Hence no caller checks for NULL.
 *
 * An arena belongs to one thread.
 */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL does nothing */

/* Run the deferred releases, newest first; then wipe and reuse the memory. */
void arena_reset(struct arena *arena);

/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* A terminated copy of the first length bytes of text. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* A copy of text; NULL for NULL. */
char *arena_strdup(struct arena *arena, const char *text);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull));

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0), nonnull(1, 2)));

/* Call release(handle) when the arena is reset or destroyed. */
void arena_defer(struct arena *arena, void (*release)(void *), void *handle);

#endif
