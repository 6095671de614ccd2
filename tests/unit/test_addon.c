#include "homes.h"

#include "lib/json.h"

/* ---- listeners ---- */

static struct listener_row {
	const char *name;
	const char *files[3]; /* of the home */
	enum addon_listener expected;
	const char *finding; /* NULL: it is valid */
} listeners[] = {
	{ "a template is a listener",
	  { "template.json" },
	  ADDON_TEMPLATE,
	  NULL },
	{ "hooks are a listener", { "hooks/provision" }, ADDON_EXEC, NULL },
	{ "a shared object is a listener", { "listener.so" }, ADDON_SO, NULL },
	{ "other files are no listeners",
	  { "template.json", "README.md", "template.json.orig" },
	  ADDON_TEMPLATE,
	  NULL },
	{ "no listener is an error",
	  { NULL },
	  ADDON_NO_LISTENER,
	  "template.json" },
	{ "template and hooks are one too many",
	  { "template.json", "hooks/provision" },
	  ADDON_NO_LISTENER,
	  "both template.json and hooks" },
	{ "template and shared object are one too many",
	  { "template.json", "listener.so" },
	  ADDON_NO_LISTENER,
	  "both template.json and listener.so" },
	{ "hooks and shared object are one too many",
	  { "hooks/provision", "listener.so" },
	  ADDON_NO_LISTENER,
	  "both hooks and listener.so" },
};

static void listener_is_as_expected(void **state)
{
	const struct listener_row *row = *state;
	struct addons *addons;

	homes_clear();
	homes_write("heroku/fast-db", "addon-manifest.json", homes_v3);
	for (size_t i = 0; i < COUNT(row->files) && row->files[i]; i++)
		homes_write("heroku/fast-db", row->files[i], "{}");
	addons = homes_open();
	assert_int_equal(addons->unreadable, 0);
	assert_bool(addons->list[0].is_valid, !row->finding);
	if (row->finding) {
		homes_assert_error("heroku/fast-db", row->finding, "");
	} else {
		assert_string_equal(unit_findings(), "");
		assert_int_equal(addons->list[0].listener, row->expected);
	}
}

static void three_listeners_are_all_named(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_write("heroku/fast-db", "hooks/provision", "");
	homes_write("heroku/fast-db", "listener.so", "");
	assert_false(homes_open_one()->is_valid);
	assert_contains(unit_findings(), "template.json");
	assert_contains(unit_findings(), "hooks");
	assert_contains(unit_findings(), "listener.so");
}

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
	assert_text(addons->list[0].id, "first");
	assert_text(addons->list[1].id, "second");
	assert_text(addons->list[2].id, "third");
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
	assert_false(addons->list[0].is_valid);
	assert_true(addons->list[1].is_valid);
	assert_false(addons->list[2].is_valid);
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
	assert_true(addons->list[0].is_valid);
}

static void a_missing_folder_is_an_error(void)
{
	const char *folder = files_path("missing");

	assert_null(addons_open(folder, &findings));
	homes_assert_error(folder, "cannot be read", "homes");
}

static void closing_nothing_does_nothing(void)
{
	addons_close(NULL);
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
	assert_bool(addons->list[0].is_valid, !row->are_twins);
	assert_bool(addons->list[1].is_valid, !row->are_twins);
	assert_true(addons->list[2].is_valid);
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
		assert_false(addons->list[i].is_valid);
}

static void an_unknown_id_has_no_twin(void)
{
	homes_clear();
	homes_add("heroku/one", "{}");
	homes_add("heroku/two", "{}");
	homes_open();
	assert_lacks(unit_findings(), "remove one");
}

/* ---- plans ---- */

#define PLANS                                                                  \
	"{\"basic\":{\"to\":[\"premium\"]},\"premium\":{\"to\":[]},"           \
	"\"free\":{}}"

static struct plan_row {
	const char *name;
	const char *plans; /* NULL: none are listed */
	const char *from;  /* NULL: it is new */
	const char *plan;
	bool expected;
} plans[] = {
	{ "any plan is good where none is listed", NULL, NULL, "x", true },
	{ "any change is good where none is listed", NULL, "x", "y", true },
	{ "a listed plan is good", PLANS, NULL, "basic", true },
	{ "an unlisted plan is refused", PLANS, NULL, "gold", false },
	{ "a plan in capitals is not listed", PLANS, NULL, "Basic", false },
	{ "an empty plan is not listed", PLANS, NULL, "", false },
	{ "a listed change is good", PLANS, "basic", "premium", true },
	{ "an unlisted change is refused", PLANS, "basic", "free", false },
	{ "no change is good where none is listed for a plan", PLANS, "premium",
	  "basic", false },
	{ "every change is good where a plan says nothing", PLANS, "free",
	  "premium", true },
	{ "a change to an unlisted plan is refused", PLANS, "free", "gold",
	  false },
	{ "the plan it has is no change", PLANS, "premium", "premium", true },
	{ "the plan it has is no change, listed or not", PLANS, "gold", "gold",
	  true },
	{ "a plan no longer listed may be left", PLANS, "gold", "basic", true },
};

static void plan_is_as_expected(void **state)
{
	const struct plan_row *row = *state;
	const char *why, *complaint = NULL;
	const struct addon addon = {
		.is_valid = true,
		.plans = row->plans ? json_parse(arena, row->plans,
						 strlen(row->plans), &why)
				    : NULL,
	};

	assert_bool(addon_allows_plan(&addon, row->from, row->plan, &complaint),
		    row->expected);
	assert_bool(complaint, !row->expected);
	if (complaint)
		assert_int_equal(complaint[strlen(complaint) - 1], '.');
}

/* ---- config vars ---- */

static struct declare_row {
	const char *name;
	const char *config_vars; /* NULL: there are none */
	bool expected;
} declares[] = {
	{ "the first name is declared", "[\"A_URL\",\"A_KEY\"]", true },
	{ "the last name is declared", "[\"A_KEY\",\"A_URL\"]", true },
	{ "a longer name is not declared", "[\"A_URLS\"]", false },
	{ "a shorter name is not declared", "[\"A_UR\"]", false },
	{ "case matters in a declared name", "[\"a_url\"]", false },
	{ "an empty list declares nothing", "[]", false },
	{ "no list declares nothing", NULL, false },
};

static void declaration_is_as_expected(void **state)
{
	const struct declare_row *row = *state;
	const char *why;
	const struct addon addon = {
		.config_vars = row->config_vars
			? json_parse(arena, row->config_vars,
				     strlen(row->config_vars), &why)
			: NULL,
	};

	assert_bool(addon_declares(&addon, "A_URL"), row->expected);
}

static struct unit_check checks[] = {
	{ "three listeners are all named", three_listeners_are_all_named },
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
	{ "closing no add-ons does nothing", closing_nothing_does_nothing },
	{ "three twins are all invalid", three_twins_are_all_invalid },
	{ "an unknown id has no twin", an_unknown_id_has_no_twin },
};

int main(void)
{
	UNIT_ROWS(listeners, listener_is_as_expected);
	UNIT_ROWS(twins, twins_are_as_expected);
	UNIT_ROWS(plans, plan_is_as_expected);
	UNIT_ROWS(declares, declaration_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("addon");
}
