/*
 * arena.h - memory that lives as long as one request or one job.
 *
 * arena_reset() releases everything that was allocated from an arena, so an
 * early return never leaks.  Handles that are not memory (a query result, a
 * JSON tree) get the same lifetime through arena_defer().  Memory is wiped
 * before it is released, because it may contain secrets.
 *
 * If memory runs out, the process ends: the size of a request is limited before
 * anything is allocated for it, and the process manager starts a new worker.
 * Therefore no function here returns NULL, except for a NULL argument.
 *
 * An arena belongs to one thread.
 */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;

MUST_CHECK struct arena *arena_create(void);

/* Return an arena that takes little more memory than is allocated from it.  It
 * is for objects that are kept in large numbers, such as add-ons. */
MUST_CHECK struct arena *arena_create_small(void);

void arena_destroy(struct arena *arena); /* does nothing for NULL */

/* Run the deferred releases, newest first.  Then wipe the memory for reuse. */
void arena_reset(struct arena *arena);

/* Return size zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* Return a terminated copy of the first length bytes of text. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* Return a copy of text, or NULL for NULL. */
char *arena_strdup(struct arena *arena, const char *text);

/* Return several texts, one after the other, as one.  NULL adds nothing.  This
 * takes a small part of the time of arena_printf("%s%s"). */
#define arena_join(arena, ...)                                                 \
	arena_join_texts(arena, (const char *const[]){ __VA_ARGS__ },          \
			 COUNT(((const char *const[]){ __VA_ARGS__ })))
char *arena_join_texts(struct arena *arena, const char *const texts[],
		       size_t count);

/* Return a number in decimal digits. */
char *arena_number(struct arena *arena, int64_t number);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull));

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0), nonnull(1, 2)));

/*
 * Return the memory that is left in the current block, *size zeroed bytes, for
 * a text whose length is not known before it is written.  The next
 * arena_alloc() of at most *size bytes returns it.  Instead of that, a text
 * that turns out not to fit is wiped with arena_wipe_rest().
 */
char *arena_rest(struct arena *arena, size_t *size);
void arena_wipe_rest(struct arena *arena);

/* Call release(handle) when the arena is reset or destroyed. */
void arena_defer(struct arena *arena, void (*release)(void *), void *handle);

#endif
