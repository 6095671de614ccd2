#include "homes.h"

/* ---- folders ---- */

static const char *named(const char *id, const char *path)
{
	const char *manifest =
		homes_replace(homes_v3, "\"id\": \"fast-db\"",
			      arena_printf(arena, "\"id\": \"%s\"", id));

	return homes_replace(manifest, "/heroku/resources\"",
			     arena_printf(arena, "%s\"", path));
}

static void homes_are_read_in_the_order_of_their_names(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("heroku/b", named("second", "/heroku/resources"));
	homes_add("heroku/a", named("first", "/heroku/resources"));
	homes_add("heroku/c", named("third", "/c/heroku/resources"));
	addons = homes_open();
	assert_string_equal(unit_findings(), "");
	assert_int_equal(addons->count, 3);
	assert_text(addons->list[0]->id, "first");
	assert_text(addons->list[1]->id, "second");
	assert_text(addons->list[2]->id, "third");
	assert_int_equal(addons->unreadable, 0);
}

static void an_invalid_home_does_not_take_the_others_down(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("heroku/a", "{");
	homes_add("heroku/b", homes_v3);
	homes_add("heroku/c",
		  homes_replace(named("c", "/heroku/resources"), HOMES_PASSWORD,
				"CHANGEME"));
	addons = homes_open();
	assert_int_equal(findings.errors, 2);
	assert_int_equal(addons->count, 3);
	assert_false(addons->list[0]->is_valid);
	assert_true(addons->list[1]->is_valid);
	assert_false(addons->list[2]->is_valid);
	assert_int_equal(addons->unreadable, 1);
}

static void unreadable_homes_are_counted(void)
{
	homes_clear();
	homes_add("heroku/a", "");
	homes_add("heroku/b", "{\"id\":\"b\"}");
	homes_add("heroku/c", homes_v3);
	assert_int_equal(homes_open()->unreadable, 2);
}

static void what_is_hidden_or_no_folder_is_no_home(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_add("heroku/.git", "{");
	homes_add(".git/x", "{");
	files_write("addons/README.md", "");
	files_write("addons/heroku/README.md", "");
	assert_true(homes_open_one()->is_valid);
	assert_string_equal(unit_findings(), "");
}

static void a_home_may_be_a_link(void)
{
	homes_clear();
	homes_add("heroku/.real", homes_v3);
	assert_int_equal(symlink(".real", files_path("addons/heroku/fast-db")),
			 0);
	assert_true(homes_open_one()->is_valid);
}

static void no_homes_are_no_error(void)
{
	homes_clear();
	assert_int_equal(homes_open()->count, 0);
	assert_string_equal(unit_findings(), "");
}

static void an_unknown_marketplace_is_an_error(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("herokuu/fast-db", homes_v3);
	homes_add("heroku/fast-db", homes_v3);
	addons = homes_open();
	homes_assert_error("addons/herokuu", "marketplace", "heroku");
	assert_int_equal(addons->count, 1);
	assert_true(addons->list[0]->is_valid);
}

static void a_missing_folder_is_an_error(void)
{
	struct addons *addons;

	homes_clear();
	files_remove(files_path("addons"));
	addons = homes_open();
	homes_assert_error("/addons", "cannot be read", "");
	assert_int_equal(addons->count, 0);
}

/* ---- twins ---- */

static struct twins_row {
	const char *name;
	const char *id_a, *path_a, *id_b, *path_b;
	bool are_twins;
} twins[] = {
	{ "one id at one path is an error", "a", "/heroku/resources", "a",
	  "/heroku/resources", true },
	{ "one id at one path is an error, however it is written", "a",
	  "/heroku/resources", "a", "/", true },
	{ "one id of one marketplace is an error at two paths too", "a",
	  "/heroku/resources", "a", "/b/heroku/resources", true },
	{ "two ids at one path are two add-ons", "a", "/heroku/resources", "b",
	  "/heroku/resources", false },
	{ "two ids at two paths are two add-ons", "a", "/heroku/resources", "b",
	  "/b/heroku/resources", false },
};

static void twins_are_as_expected(void **state)
{
	const struct twins_row *row = *state;
	struct addons *addons;

	homes_clear();
	homes_add("heroku/one", named(row->id_a, row->path_a));
	homes_add("heroku/two", named(row->id_b, row->path_b));
	homes_add("heroku/zzz", named("other", "/heroku/resources"));
	addons = homes_open();
	assert_int_equal(addons->count, 3);
	assert_bool(addons->list[0]->is_valid, !row->are_twins);
	assert_bool(addons->list[1]->is_valid, !row->are_twins);
	assert_true(addons->list[2]->is_valid);
	assert_int_equal(findings.errors, row->are_twins);
	if (!row->are_twins)
		return;
	homes_assert_error("heroku/one", "heroku/two", "remove one");
}

static void three_twins_are_all_invalid(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("heroku/one", homes_v3);
	homes_add("heroku/two", homes_v3);
	homes_add("heroku/three", homes_v3);
	addons = homes_open();
	for (int i = 0; i < 3; i++)
		assert_false(addons->list[i]->is_valid);
}

static void an_unknown_id_has_no_twin(void)
{
	homes_clear();
	homes_add("heroku/one", "{}");
	homes_add("heroku/two", "{}");
	homes_open();
	assert_lacks(unit_findings(), "remove one");
}

static struct unit_check checks[] = {
	{ "homes are read in the order of their names",
	  homes_are_read_in_the_order_of_their_names },
	{ "an invalid home does not take the others down",
	  an_invalid_home_does_not_take_the_others_down },
	{ "unreadable homes are counted", unreadable_homes_are_counted },
	{ "what is hidden or no folder is no home",
	  what_is_hidden_or_no_folder_is_no_home },
	{ "a home may be a link", a_home_may_be_a_link },
	{ "no homes are no error", no_homes_are_no_error },
	{ "an unknown marketplace is an error",
	  an_unknown_marketplace_is_an_error },
	{ "a missing folder is an error", a_missing_folder_is_an_error },
	{ "three twins are all invalid", three_twins_are_all_invalid },
	{ "an unknown id has no twin", an_unknown_id_has_no_twin },
};

int main(void)
{
	UNIT_ROWS(twins, twins_are_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("addons");
}
