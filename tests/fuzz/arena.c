/*
 * arena.c - lib/arena.h with memory of its own for each allocation, so that
 * the address sanitizer sees every byte that is touched beyond one.
 */
#include "lib/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base.h"

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *handle;
};

struct arena {
	struct deferred *handles;
	struct deferred *memory; /* goes last: handles may live in it */
};

static void add(struct deferred **list, void (*release)(void *), void *handle)
{
	struct deferred *deferred = must(malloc(sizeof *deferred));

	*deferred = (struct deferred){ *list, release, handle };
	*list = deferred;
}

static void release_all(struct deferred **list)
{
	while (*list) {
		struct deferred *first = *list;

		*list = first->next;
		first->release(first->handle);
		free(first);
	}
}

struct arena *arena_create(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

void arena_destroy(struct arena *arena)
{
	if (arena)
		arena_reset(arena);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	release_all(&arena->handles);
	release_all(&arena->memory);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *memory = must(calloc(1, size));

	add(&arena->memory, free, memory);
	return memory;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		abort();
	add(&arena->memory, free, text);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *handle)
{
	add(&arena->handles, release, handle);
}
