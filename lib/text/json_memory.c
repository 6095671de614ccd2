#include "lib/text/json_memory.h"

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "lib/base/arena.h"

static struct arena *current;

static void *allocate(size_t size)
{
	return arena_alloc(current, size);
}

static void keep(void *memory)
{
	(void)memory;
}

void json_allocate_from(struct arena *arena)
{
	static bool is_set;

	if (!is_set)
		cJSON_InitHooks(&(cJSON_Hooks){ allocate, keep });
	is_set = true;
	current = arena;
}
