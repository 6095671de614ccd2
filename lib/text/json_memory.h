/*
 * json_memory.h - lets cJSON allocate from an arena.
 */
#ifndef LIB_TEXT_JSON_MEMORY_H
#define LIB_TEXT_JSON_MEMORY_H

struct arena;

/*
 * cJSON takes its allocator from global functions.  Call this before each of
 * its functions that may allocate.  Nothing is freed one by one: the arena
 * wipes the memory and releases it.
 */
void json_allocate_from(struct arena *arena);

#endif
