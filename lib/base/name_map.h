/*
 * name_map.h - finds values by name, in the same time however many there are.
 *
 * Several values may have one name.  They are found in the order in which they
 * were added.  A map belongs to an arena and borrows names and values.
 */
#ifndef LIB_BASE_NAME_MAP_H
#define LIB_BASE_NAME_MAP_H

#include <stddef.h>

#include "lib/base/base.h"

struct arena;
struct name_map;

struct name_entry {
	struct name_entry *next; /* of the same hash */
	const char *name;
	void *value;
};

/* Return a map for about this number of values. */
MUST_CHECK struct name_map *name_map_create(struct arena *arena, int count);

void name_map_add(struct name_map *map, const char *name, void *value);

/* Return the first value with this name, or NULL. */
MUST_CHECK const struct name_entry *name_map_first(const struct name_map *map,
						   const char *name);

/* Return the next value with the name of entry, or NULL. */
MUST_CHECK const struct name_entry *
name_map_next(const struct name_entry *entry);

#endif
