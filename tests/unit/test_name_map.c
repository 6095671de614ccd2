#include "unit.h"

#include "lib/base/name_map.h"

static void assert_values(const struct name_map *map, const char *name,
			  const char *expected)
{
	const struct name_entry *entry = name_map_first(map, name);
	const char *found = "";

	for (; entry; entry = name_map_next(entry)) {
		assert_text(entry->name, name);
		found = arena_printf(arena, "%s %s", found,
				     (const char *)entry->value);
	}
	assert_string_equal(found, expected);
}

static void an_empty_map_has_no_value(void)
{
	assert_null(name_map_first(name_map_create(arena, 0), ""));
}

static void values_of_one_name_keep_their_order(void)
{
	struct name_map *map = name_map_create(arena, 2);

	name_map_add(map, "one", arena_strdup(arena, "1"));
	name_map_add(map, "two", arena_strdup(arena, "2"));
	name_map_add(map, "one", arena_strdup(arena, "3"));
	name_map_add(map, "", arena_strdup(arena, "4"));
	name_map_add(map, "one", arena_strdup(arena, "5"));
	assert_values(map, "one", " 1 3 5");
	assert_values(map, "two", " 2");
	assert_values(map, "", " 4");
	assert_values(map, "three", "");
}

/* More values than it was created for. */
static void each_of_many_names_is_found(void)
{
	struct name_map *map = name_map_create(arena, 10);

	for (int i = 0; i < 1000; i++) {
		char *name = arena_printf(arena, "name-%d", i);

		name_map_add(map, name, name);
	}
	for (int i = 0; i < 1000; i++) {
		const char *name = arena_printf(arena, "name-%d", i);

		assert_values(map, name, arena_printf(arena, " %s", name));
	}
}

static struct unit_check checks[] = {
	{ "an empty map has no value", an_empty_map_has_no_value },
	{ "the values of one name keep their order",
	  values_of_one_name_keep_their_order },
	{ "each of many names is found", each_of_many_names_is_found },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("name_map");
}
