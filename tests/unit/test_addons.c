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

/* ---- homes with the same id ---- */

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

/* ---- read again ---- */

static const char *with_password(const char *password)
{
	return homes_replace(homes_v3, HOMES_PASSWORD, password);
}

/* Return the add-on of a home, or NULL. */
static const struct addon *at_home(const char *home)
{
	for (int i = 0; i < homes_addons->count; i++)
		if (strcmp(homes_addons->list[i]->home,
			   files_path(arena_printf(arena, "addons/%s", home)))
		    == 0)
			return homes_addons->list[i];
	return NULL;
}

/* Return true if this is the password of the add-on in force at a home. */
static void assert_in_force(const char *home, const char *password)
{
	const struct addon *addon = at_home(home);

	if (!addon)
		fail_msg("there is no add-on at %s", home);
	if (!addon->is_valid)
		fail_msg("what is at %s is not valid: %s", home,
			 unit_findings());
	assert_text(addon->passwords.values[0], password);
}

#define OLD "the old password, of 32 letters."
/* The contents differ in length: both may be written within one tick. */
#define NEW "the new password, which is longer"

static void write_weak_password(void)
{
	homes_write("heroku/fast-db", "addon-manifest.json",
		    with_password("CHANGEME"));
}

static void write_half_a_manifest(void)
{
	homes_write("heroku/fast-db", "addon-manifest.json",
		    "{\"id\": \"fast-db\",");
}

static void empty_the_manifest(void)
{
	homes_write("heroku/fast-db", "addon-manifest.json", "");
}

static void remove_the_manifest(void)
{
	files_remove(files_path("addons/heroku/fast-db/addon-manifest.json"));
}

static void write_unknown_setting(void)
{
	homes_write("heroku/fast-db", "settings.json", "{\"sesion\":\"8h\"}");
}

static void add_a_second_listener(void)
{
	homes_write("heroku/fast-db", "listener.so", "");
}

static void remove_the_listener(void)
{
	files_remove(files_path("addons/heroku/fast-db/template.json"));
}

static struct broken_row {
	const char *name;
	void (*break_it)(void);
	const char *file, *remedy;
} broken[] = {
	{ "an add-on stays in force despite a weak password",
	  write_weak_password, "addon-manifest.json: api.password",
	  "random string" },
	{ "an add-on stays in force despite half a manifest",
	  write_half_a_manifest, "addon-manifest.json", "not valid JSON" },
	{ "an add-on stays in force despite an empty manifest",
	  empty_the_manifest, "addon-manifest.json", "not valid JSON" },
	{ "an add-on stays in force without a manifest", remove_the_manifest,
	  "addon-manifest.json", "cannot be read" },
	{ "an add-on stays in force despite an unknown setting",
	  write_unknown_setting, "settings.json: sesion", "spelling" },
	{ "an add-on stays in force despite a second listener",
	  add_a_second_listener, "heroku/fast-db", "remove the others" },
	{ "an add-on stays in force without a listener", remove_the_listener,
	  "heroku/fast-db", "add template.json" },
};

static void broken_home_stays_in_force(void **state)
{
	const struct broken_row *row = *state;

	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_add("heroku/other", named("other", "/heroku/resources"));
	homes_open();
	row->break_it();
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	homes_assert_error(row->file, "", row->remedy);
	assert_int_equal(homes_addons->count, 2);
	assert_int_equal(homes_addons->unreadable, 0);
	assert_int_equal(addons_count_valid(homes_addons), 2);
	assert_in_force("heroku/fast-db", OLD);
	assert_in_force("heroku/other", HOMES_PASSWORD);

	/* It stays in force while other homes change. */
	assert_false(addons_have_changed(homes_addons));
	homes_add("heroku/third", named("third", "/heroku/resources"));
	homes_reopen();
	homes_assert_error(row->file, "", row->remedy);
	assert_int_equal(addons_count_valid(homes_addons), 3);
	assert_in_force("heroku/fast-db", OLD);

	/* After its repair it is in force. */
	files_remove(files_path("addons/heroku/fast-db"));
	homes_add("heroku/fast-db", with_password(NEW));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_in_force("heroku/fast-db", NEW);
}

static void what_stays_is_unchanged(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_add("heroku/broken", "{");
	homes_open();
	assert_false(addons_have_changed(homes_addons));
	homes_reopen();
	assert_false(addons_have_changed(homes_addons));
	assert_in_force("heroku/fast-db", OLD);
	assert_int_equal(homes_addons->unreadable, 1);
	assert_int_equal(findings.errors, 1);
}

static void a_changed_home_is_taken_up(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	homes_write("heroku/fast-db", "addon-manifest.json",
		    with_password(NEW));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_in_force("heroku/fast-db", NEW);
	assert_false(addons_have_changed(homes_addons));
}

static void any_file_of_a_home_is_watched(void)
{
	static const char *const names[] = {
		"addon-manifest.json", "settings.json",     "template.json",
		"hooks/provision",     "hooks/change-plan", "hooks/deprovision",
		"hooks/sign-on",       "listener.so",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		homes_clear();
		homes_add("heroku/fast-db", homes_v3);
		homes_open();
		homes_write("heroku/fast-db", names[i], "{ }");
		if (!addons_have_changed(homes_addons))
			fail_msg("%s is not watched", names[i]);
	}
}

/* A change of a hook's mode does not change its folder. */
static void the_mode_of_a_hook_is_watched(void)
{
	homes_clear();
	homes_write("heroku/fast-db", "addon-manifest.json", homes_v3);
	homes_write("heroku/fast-db", "hooks/sign-on", "");
	homes_open();
	assert_false(addons_have_changed(homes_addons));
	chmod(files_path("addons/heroku/fast-db/hooks/sign-on"), 0755);
	assert_true(addons_have_changed(homes_addons));
}

static void an_added_home_is_taken_up(void)
{
	homes_clear();
	homes_add("heroku/b", named("b", "/heroku/resources"));
	homes_open();
	homes_add("heroku/a", named("a", "/heroku/resources"));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_int_equal(addons_count_valid(homes_addons), 2);
	assert_text(homes_addons->list[0]->id, "a");
	assert_text(homes_addons->list[1]->id, "b");
}

static void an_added_home_may_be_broken(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	homes_add("heroku/new", "{");
	homes_reopen();
	assert_in_force("heroku/fast-db", OLD);
	assert_false(at_home("heroku/new")->is_valid);
	assert_int_equal(homes_addons->unreadable, 1);
	homes_write("heroku/new", "addon-manifest.json",
		    named("new", "/heroku/resources"));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_in_force("heroku/new", HOMES_PASSWORD);
	assert_int_equal(homes_addons->unreadable, 0);
}

static void an_unchanged_home_is_not_read_again(void)
{
	const struct addon *before;

	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	before = at_home("heroku/fast-db");
	homes_add("heroku/other", named("other", "/heroku/resources"));
	homes_reopen();
	assert_ptr_equal(at_home("heroku/fast-db"), before);
	assert_in_force("heroku/other", HOMES_PASSWORD);

	/* Also in the second set it is noticed when it changes. */
	homes_write("heroku/fast-db", "addon-manifest.json",
		    with_password(NEW));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_in_force("heroku/fast-db", NEW);
}

/* The findings of each reading are complete. */
static void a_home_with_a_warning_is_read_again(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_write("heroku/fast-db", "settings.json",
		    "{\"also_valid\":{\"passwords\":[\"123456789\"]}}");
	homes_open();
	assert_int_equal(findings.warnings, 1);
	homes_reopen();
	assert_int_equal(findings.warnings, 1);
}

/* The folder of the homes does not change when the target of a link comes. */
static void a_link_whose_target_comes_is_taken_up(void)
{
	homes_clear();
	files_remove(files_path("release"));
	mkdir(files_path("addons/heroku"), 0700);
	assert_int_equal(
		symlink("../../release", files_path("addons/heroku/fast-db")),
		0);
	homes_open();
	assert_false(addons_have_changed(homes_addons));
	files_write("release/addon-manifest.json", homes_v3);
	files_write("release/template.json", "{}");
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
}

static void a_missing_home_stays_in_force(void)
{
	homes_clear();
	files_remove(files_path("away"));
	homes_add("heroku/fast-db", with_password(OLD));
	homes_add("heroku/other", named("other", "/heroku/resources"));
	homes_open();
	assert_int_equal(
		rename(files_path("addons/heroku/fast-db"), files_path("away")),
		0);
	assert_true(addons_have_changed(homes_addons));

	/* It stays at each reading. */
	for (int i = 0; i < 2; i++) {
		homes_reopen();
		homes_assert_error("heroku/fast-db", "is missing", "reload");
		assert_int_equal(addons_count_valid(homes_addons), 2);
		assert_in_force("heroku/fast-db", OLD);
		assert_true(at_home("heroku/fast-db")->is_missing);
		assert_false(at_home("heroku/other")->is_missing);
	}

	/* It is read again when it comes back. */
	assert_false(addons_have_changed(homes_addons));
	homes_add("heroku/fast-db", with_password(NEW));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_in_force("heroku/fast-db", NEW);
	assert_false(at_home("heroku/fast-db")->is_missing);
	assert_int_equal(homes_addons->count, 2);
}

static void a_missing_home_may_come_back_broken(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	files_remove(files_path("addons/heroku/fast-db"));
	homes_reopen();
	homes_write("heroku/fast-db", "template.json", "{}");
	homes_reopen();
	homes_assert_error("fast-db/addon-manifest.json", "", "cannot be read");
	assert_int_equal(homes_addons->count, 1);
	assert_in_force("heroku/fast-db", OLD);
}

static void a_broken_home_that_vanishes_stays_in_force(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_open();
	empty_the_manifest();
	homes_reopen();
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
	files_remove(files_path("addons/heroku/fast-db"));
	homes_reopen();
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
}

static void a_home_that_never_was_valid_is_removed(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password("CHANGEME"));
	homes_open();
	files_remove(files_path("addons/heroku/fast-db"));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_int_equal(homes_addons->count, 0);
}

static void a_marketplace_may_come_and_go(void)
{
	homes_clear();
	homes_open();
	homes_add("heroku/fast-db", homes_v3);
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
	files_remove(files_path("addons/heroku"));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
	assert_true(at_home("heroku/fast-db")->is_missing);
}

/* A folder may be swapped by two renames. */
static void a_moved_home_replaces_the_missing_one(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	files_remove(files_path("addons/heroku/fast-db"));
	homes_add("heroku/moved", with_password(NEW));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_int_equal(homes_addons->count, 1);
	assert_in_force("heroku/moved", NEW);
}

static void two_copies_do_not_replace_a_missing_home(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password(OLD));
	homes_open();
	files_remove(files_path("addons/heroku/fast-db"));
	homes_add("heroku/one", with_password(NEW));
	homes_add("heroku/two", with_password(NEW));
	homes_reopen();
	assert_int_equal(addons_count_valid(homes_addons), 1);
	assert_in_force("heroku/fast-db", OLD);
}

static void what_never_was_valid_stays_broken(void)
{
	homes_clear();
	homes_add("heroku/fast-db", with_password("CHANGEME"));
	homes_open();
	write_half_a_manifest();
	homes_reopen();
	assert_false(homes_addons->list[0]->is_valid);
	assert_int_equal(homes_addons->unreadable, 1);
}

static void another_id_is_taken_up(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_open();
	homes_write("heroku/fast-db", "addon-manifest.json",
		    named("slow-db", "/b/heroku/resources"));
	homes_reopen();
	assert_int_equal(homes_addons->count, 1);
	assert_text(homes_addons->list[0]->id, "slow-db");
	assert_string_equal(
		url_path_text(arena, &homes_addons->list[0]->resources),
		"/b/heroku/resources");
}

static void a_moved_home_may_be_broken(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_open();
	assert_int_equal(rename(files_path("addons/heroku/fast-db"),
				files_path("addons/heroku/moved")),
			 0);
	homes_write("heroku/moved", "settings.json", "[");
	homes_reopen();
	assert_int_equal(homes_addons->count, 2);
	assert_false(at_home("heroku/moved")->is_valid);
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
}

/* ---- without the folder ---- */

static void hide_homes(void)
{
	assert_int_equal(rename(files_path("addons"), files_path("hidden")), 0);
}

static void without_the_folder_all_stay_in_force(void)
{
	homes_clear();
	files_remove(files_path("hidden"));
	homes_add("heroku/a", named("a", "/heroku/resources"));
	homes_add("heroku/b", named("b", "/heroku/resources"));
	homes_add("heroku/c", "{");
	homes_open();
	hide_homes();
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	homes_assert_error("/addons", "cannot be read", "");
	assert_int_equal(addons_count_valid(homes_addons), 2);
	assert_in_force("heroku/a", HOMES_PASSWORD);
	assert_in_force("heroku/b", HOMES_PASSWORD);
	assert_int_equal(homes_addons->unreadable, 1);
	assert_false(addons_have_changed(homes_addons));

	/* It also stays at the next reading. */
	homes_reopen();
	assert_int_equal(addons_count_valid(homes_addons), 2);

	/* It is read again when it comes back. */
	assert_int_equal(rename(files_path("hidden"), files_path("addons")), 0);
	homes_write("heroku/a", "addon-manifest.json",
		    homes_replace(named("a", "/heroku/resources"),
				  HOMES_PASSWORD, NEW));
	files_remove(files_path("addons/heroku/c"));
	assert_true(addons_have_changed(homes_addons));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_in_force("heroku/a", NEW);
	assert_in_force("heroku/b", HOMES_PASSWORD);
	assert_int_equal(homes_addons->count, 2);
	assert_int_equal(homes_addons->unreadable, 0);
}

static void an_unknown_marketplace_takes_none_down(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_open();
	homes_add("herokuu/other", named("other", "/heroku/resources"));
	homes_reopen();
	homes_assert_error("addons/herokuu", "marketplace", "rename");
	assert_in_force("heroku/fast-db", HOMES_PASSWORD);
	assert_int_equal(homes_addons->unreadable, 1);
}

/* ---- new homes with the id of another home ---- */

static struct newcomer_row {
	const char *name;
	const char *home;
} newcomers[] = {
	{ "a new home with a used id is refused", "heroku/z" },
	{ "a new home with a used id is refused, though it is read first",
	  "heroku/a" },
};

static void newcomer_is_refused(void **state)
{
	const struct newcomer_row *row = *state;

	homes_clear();
	homes_add("heroku/m", with_password(OLD));
	homes_open();
	homes_add(row->home, with_password(NEW));
	homes_reopen();
	homes_assert_error("heroku/m", row->home, "remove one");
	assert_in_force("heroku/m", OLD);
	assert_false(at_home(row->home)->is_valid);

	/* This does not depend on the number of readings. */
	homes_reopen();
	assert_in_force("heroku/m", OLD);
	assert_false(at_home(row->home)->is_valid);

	/* Once it is the only one, it is in force. */
	files_remove(files_path("addons/heroku/m"));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_in_force(row->home, NEW);
}

static void one_that_becomes_a_twin_stays_what_it_was(void)
{
	homes_clear();
	homes_add("heroku/a", named("a", "/heroku/resources"));
	homes_add("heroku/b", named("b", "/heroku/resources"));
	homes_open();
	homes_write("heroku/a", "addon-manifest.json",
		    named("b", "/heroku/resources"));
	homes_reopen();
	homes_assert_error("heroku/a", "heroku/b", "remove one");
	assert_int_equal(addons_count_valid(homes_addons), 2);
	assert_text(at_home("heroku/a")->id, "a");
	assert_text(at_home("heroku/b")->id, "b");
}

static void a_changed_add_on_is_taken_up_beside_its_twin(void)
{
	homes_clear();
	homes_add("heroku/m", with_password(OLD));
	homes_open();
	homes_add("heroku/z", homes_v3);
	homes_reopen();
	homes_write("heroku/m", "addon-manifest.json", with_password(NEW));
	homes_reopen();
	assert_in_force("heroku/m", NEW);
	assert_false(at_home("heroku/z")->is_valid);
}

static void two_may_swap_their_ids(void)
{
	homes_clear();
	homes_add("heroku/a", named("a", "/heroku/resources"));
	homes_add("heroku/b", named("b", "/heroku/resources"));
	homes_open();
	homes_write("heroku/a", "addon-manifest.json",
		    named("b", "/heroku/resources"));
	homes_write("heroku/b", "addon-manifest.json",
		    named("a", "/heroku/resources"));
	homes_reopen();
	assert_string_equal(unit_findings(), "");
	assert_text(at_home("heroku/a")->id, "b");
	assert_text(at_home("heroku/b")->id, "a");
}

/* Assert that at most one valid add-on has this id. */
static void assert_once(const char *id)
{
	int valid = 0;

	for (int i = 0; i < homes_addons->count; i++)
		valid += homes_addons->list[i]->is_valid
			&& strcmp(homes_addons->list[i]->id, id) == 0;
	assert_in_range(valid, 0, 1);
}

static void a_broken_one_keeps_its_id_from_a_newcomer(void)
{
	homes_clear();
	homes_add("heroku/m", with_password(OLD));
	homes_open();
	homes_write("heroku/m", "addon-manifest.json", "{");
	homes_add("heroku/z", with_password(NEW));
	homes_reopen();
	assert_once("fast-db");
	assert_in_force("heroku/m", OLD);
	assert_contains(unit_findings(), "remove one");
}

static void a_broken_one_keeps_its_id_from_another(void)
{
	homes_clear();
	homes_add("heroku/a", named("a", "/heroku/resources"));
	homes_add("heroku/b", named("b", "/heroku/resources"));
	homes_open();
	homes_write("heroku/a", "addon-manifest.json", "{");
	homes_write("heroku/b", "addon-manifest.json",
		    named("a", "/heroku/resources"));
	homes_reopen();
	assert_once("a");
	assert_text(at_home("heroku/a")->id, "a");
	assert_text(at_home("heroku/b")->id, "b");
	assert_contains(unit_findings(), "remove one");
}

/* Each takes the id of the next one, and the last one is invalid: all are
 * restored. */
static struct chain_row {
	const char *name;
	const char *homes[3];
} chains[] = {
	{ "falling back has others fall back",
	  { "heroku/a", "heroku/b", "heroku/c" } },
	{ "falling back has others fall back, in any order",
	  { "heroku/c", "heroku/b", "heroku/a" } },
	{ "falling back has others fall back, in no order",
	  { "heroku/b", "heroku/c", "heroku/a" } },
};

static void chain_falls_back(void **state)
{
	static const char *const ids[] = { "x", "y", "z" };
	const struct chain_row *row = *state;

	homes_clear();
	for (int i = 0; i < 3; i++)
		homes_add(row->homes[i], named(ids[i], "/heroku/resources"));
	homes_open();
	for (int i = 0; i < 2; i++)
		homes_write(row->homes[i], "addon-manifest.json",
			    named(ids[i + 1], "/heroku/resources"));
	homes_write(row->homes[2], "addon-manifest.json", "{");
	homes_reopen();
	assert_int_equal(addons_count_valid(homes_addons), 3);
	for (int i = 0; i < 3; i++)
		assert_text(at_home(row->homes[i])->id, ids[i]);
}

/* ---- what completes an add-on ---- */

static int completed;

static void refuse_slow(struct addon *addon, struct findings *found)
{
	completed++;
	assert_non_null(addon->id);
	if (strcmp(addon->id, "slow-db") == 0)
		finding_error(found, "%s: is too slow", addon->home);
}

static void who_completes_may_refuse(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("heroku/broken", "{");
	homes_add("heroku/fast-db", homes_v3);
	homes_add("heroku/slow-db", named("slow-db", "/heroku/resources"));
	completed = 0;
	addons = addons_open(files_path("addons"), refuse_slow, NULL);
	findings = addons->findings;
	assert_int_equal(completed, 2);
	assert_int_equal(findings.errors, 2);
	assert_contains(unit_findings(), "heroku/slow-db: is too slow");
	assert_int_equal(addons_count_valid(addons), 1);
	assert_true(addons->list[1]->is_valid);
	assert_false(addons->list[2]->is_valid);
	addons_close(addons);
}

static void what_is_refused_last_stays_in_force(void)
{
	struct addons *addons;

	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	addons = addons_open(files_path("addons"), refuse_slow, NULL);
	homes_write("heroku/fast-db", "addon-manifest.json",
		    named("slow-db", "/heroku/resources"));
	addons = addons_open(files_path("addons"), refuse_slow, addons);
	assert_int_equal(addons_count_valid(addons), 1);
	assert_text(addons->list[0]->id, "fast-db");
	addons_close(addons);
}

static struct unit_check checks[] = {
	{ "homes are read in the order of their names",
	  homes_are_read_in_the_order_of_their_names },
	{ "an invalid home does not take the others down",
	  an_invalid_home_does_not_take_the_others_down },
	{ "unreadable homes are counted", unreadable_homes_are_counted },
	{ "a hidden folder or a file is not a home",
	  what_is_hidden_or_no_folder_is_no_home },
	{ "a home may be a link", a_home_may_be_a_link },
	{ "a folder without homes is not an error", no_homes_are_no_error },
	{ "an unknown marketplace is an error",
	  an_unknown_marketplace_is_an_error },
	{ "a missing folder is an error", a_missing_folder_is_an_error },
	{ "three homes with the same id are all invalid",
	  three_twins_are_all_invalid },
	{ "an unknown id has no home", an_unknown_id_has_no_twin },
	{ "homes that stay are unchanged", what_stays_is_unchanged },
	{ "a changed home is read again", a_changed_home_is_taken_up },
	{ "any file of a home is watched", any_file_of_a_home_is_watched },
	{ "the mode of a hook is watched", the_mode_of_a_hook_is_watched },
	{ "an added home is read", an_added_home_is_taken_up },
	{ "an added home may be broken, and repaired",
	  an_added_home_may_be_broken },
	{ "an unchanged home is not read again",
	  an_unchanged_home_is_not_read_again },
	{ "a home with a warning is read again",
	  a_home_with_a_warning_is_read_again },
	{ "a link whose target comes is taken up",
	  a_link_whose_target_comes_is_taken_up },
	{ "a missing home stays in force", a_missing_home_stays_in_force },
	{ "a missing home may come back broken",
	  a_missing_home_may_come_back_broken },
	{ "a broken home that vanishes stays in force",
	  a_broken_home_that_vanishes_stays_in_force },
	{ "a home that never was valid is removed",
	  a_home_that_never_was_valid_is_removed },
	{ "a marketplace may come and go", a_marketplace_may_come_and_go },
	{ "a moved home replaces the missing one",
	  a_moved_home_replaces_the_missing_one },
	{ "two copies do not replace a missing home",
	  two_copies_do_not_replace_a_missing_home },
	{ "what never was valid stays broken",
	  what_never_was_valid_stays_broken },
	{ "another id at another path is accepted", another_id_is_taken_up },
	{ "a moved home may be broken", a_moved_home_may_be_broken },
	{ "all add-ons stay in force if the folder is missing",
	  without_the_folder_all_stay_in_force },
	{ "an unknown marketplace leaves the others valid",
	  an_unknown_marketplace_takes_none_down },
	{ "a home that gets a used id stays as it was",
	  one_that_becomes_a_twin_stays_what_it_was },
	{ "a change is accepted beside a refused home with the same id",
	  a_changed_add_on_is_taken_up_beside_its_twin },
	{ "two may swap their ids", two_may_swap_their_ids },
	{ "a broken one keeps its id from a newcomer",
	  a_broken_one_keeps_its_id_from_a_newcomer },
	{ "an invalid home keeps its id in force",
	  a_broken_one_keeps_its_id_from_another },
	{ "who completes an add-on may refuse it", who_completes_may_refuse },
	{ "an add-on whose completion fails stays in force",
	  what_is_refused_last_stays_in_force },
};

int main(void)
{
	UNIT_ROWS(twins, twins_are_as_expected);
	UNIT_ROWS(broken, broken_home_stays_in_force);
	UNIT_ROWS(newcomers, newcomer_is_refused);
	UNIT_ROWS(chains, chain_falls_back);
	UNIT_CHECKS(checks);
	return unit_run("addons");
}
