/*
 * arena.c - implements lib/base/arena.h with separate memory for each
 * allocation, so that the address sanitizer detects every access beyond it.
 */
#include "lib/base/arena.h"

#include <stdlib.h>

#include "lib/base/base.h"

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *handle;
};

struct arena {
	struct deferred *handles;
	struct deferred *memory; /* freed last: it may contain handles */
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

struct arena *arena_create_small(void)
{
	return arena_create();
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

/* Nothing is left, so that each text gets memory of its own size. */
char *arena_rest(struct arena *arena, size_t *size)
{
	(void)arena;
	*size = 0;
	return NULL;
}

void arena_wipe_rest(struct arena *arena)
{
	(void)arena;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *handle)
{
	add(&arena->handles, release, handle);
}
