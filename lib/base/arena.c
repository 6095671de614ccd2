#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base.h"

/* In bytes. */
enum {
	REQUEST_BLOCK = 16 * 1024, /* most requests fit into one */
	SMALL_BLOCK = 2 * 1024
};

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *handle;
};

struct arena {
	size_t block_size;
	struct block *blocks; /* the current one comes first */
	struct deferred *deferred;
};

static struct block *new_block(size_t size, struct block *next)
{
	struct block *block = must(calloc(1, sizeof *block + size));

	block->next = next;
	block->size = size;
	return block;
}

static struct arena *create_arena(size_t block_size)
{
	struct arena *arena = must(calloc(1, sizeof *arena));

	arena->block_size = block_size;
	arena->blocks = new_block(block_size, NULL);
	return arena;
}

struct arena *arena_create(void)
{
	return create_arena(REQUEST_BLOCK);
}

struct arena *arena_create_small(void)
{
	return create_arena(SMALL_BLOCK);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded =
		(size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct block *block = arena->blocks;
	void *memory;

	if (size > PTRDIFF_MAX / 2) /* the sums below must not overflow */
		must(NULL);
	if (block->size - block->used < rounded) {
		size_t wanted = rounded > arena->block_size ? rounded
							    : arena->block_size;

		block = arena->blocks = new_block(wanted, block);
	}
	memory = block->bytes + block->used;
	block->used += rounded;
	return memory;
}

char *arena_rest(struct arena *arena, size_t *size)
{
	struct block *block = arena->blocks;

	*size = block->size - block->used;
	return (char *)block->bytes + block->used;
}

void arena_wipe_rest(struct arena *arena)
{
	size_t size;
	char *rest = arena_rest(arena, &size);

	explicit_bzero(rest, size);
}

void arena_defer(struct arena *arena, void (*release)(void *), void *handle)
{
	struct deferred *deferred = arena_alloc(arena, sizeof *deferred);

	deferred->next = arena->deferred;
	deferred->release = release;
	deferred->handle = handle;
	arena->deferred = deferred;
}

/* The list of releases is in the blocks: run it before they are freed. */
static void release_deferred(struct arena *arena)
{
	while (arena->deferred) {
		struct deferred *deferred = arena->deferred;

		arena->deferred = deferred->next;
		deferred->release(deferred->handle);
	}
}

static void wipe_block(struct block *block)
{
	explicit_bzero(block->bytes, block->used);
	block->used = 0;
}

void arena_reset(struct arena *arena)
{
	release_deferred(arena);
	while (arena->blocks->next) {
		struct block *extra = arena->blocks;

		arena->blocks = extra->next;
		wipe_block(extra);
		free(extra);
	}
	wipe_block(arena->blocks);
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena->blocks);
	free(arena);
}
