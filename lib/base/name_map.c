#include "lib/base/name_map.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"

struct bucket {
	struct name_entry *first, *last;
};

struct name_map {
	struct arena *arena;
	size_t size; /* a power of 2 */
	struct bucket *buckets;
};

struct name_map *name_map_create(struct arena *arena, int count)
{
	struct name_map *map = arena_alloc(arena, sizeof *map);

	map->arena = arena;
	map->size = 1;
	while (map->size < (size_t)count)
		map->size *= 2;
	map->buckets = arena_alloc(arena, map->size * sizeof *map->buckets);
	return map;
}

static struct bucket *find_name_bucket(const struct name_map *map,
				       const char *name)
{
	return &map->buckets[hash_text(name) & (map->size - 1)];
}

void name_map_add(struct name_map *map, const char *name, void *value)
{
	struct bucket *bucket = find_name_bucket(map, name);
	struct name_entry *entry = arena_alloc(map->arena, sizeof *entry);

	*entry = (struct name_entry){ .name = name, .value = value };
	if (bucket->last)
		bucket->last->next = entry;
	else
		bucket->first = entry;
	bucket->last = entry;
}

static const struct name_entry *find_from(const struct name_entry *entry,
					  const char *name)
{
	while (entry && strcmp(entry->name, name) != 0)
		entry = entry->next;
	return entry;
}

const struct name_entry *name_map_first(const struct name_map *map,
					const char *name)
{
	return find_from(find_name_bucket(map, name)->first, name);
}

const struct name_entry *name_map_next(const struct name_entry *entry)
{
	return find_from(entry->next, entry->name);
}
