#include "homes.h"

#include "lib/text/json.h"

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
	{ "other files are not listeners",
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
	assert_bool(addons->list[0]->is_valid, !row->finding);
	if (row->finding) {
		homes_assert_error("heroku/fast-db", row->finding, "");
	} else {
		assert_string_equal(unit_findings(), "");
		assert_int_equal(addons->list[0]->listener, row->expected);
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

/* ---- plans ---- */

#define PLANS                                                                  \
	"{\"basic\":{\"to\":[\"premium\"]},\"premium\":{\"to\":[]},"           \
	"\"free\":{}}"

static struct plan_row {
	const char *name;
	const char *plans; /* NULL: settings.json lists none */
	const char *from;  /* NULL: a new resource */
	const char *plan;
	bool expected;
} plans[] = {
	{ "without a list, every plan is allowed", NULL, NULL, "x", true },
	{ "without a list, every change is allowed", NULL, "x", "y", true },
	{ "a listed plan is allowed", PLANS, NULL, "basic", true },
	{ "an unlisted plan is refused", PLANS, NULL, "gold", false },
	{ "a plan in capitals is not listed", PLANS, NULL, "Basic", false },
	{ "an empty plan is not listed", PLANS, NULL, "", false },
	{ "a listed change is allowed", PLANS, "basic", "premium", true },
	{ "an unlisted change is refused", PLANS, "basic", "free", false },
	{ "an empty list of changes allows no change", PLANS, "premium",
	  "basic", false },
	{ "a plan without a list allows every change", PLANS, "free", "premium",
	  true },
	{ "a change to an unlisted plan is refused", PLANS, "free", "gold",
	  false },
	{ "the current plan is not a change", PLANS, "premium", "premium",
	  true },
	{ "the current plan is not a change, listed or not", PLANS, "gold",
	  "gold", true },
	{ "a plan no longer listed may be left", PLANS, "gold", "basic", true },
};

static void plan_is_as_expected(void **state)
{
	const struct plan_row *row = *state;
	const char *why, *refusal = NULL;
	const struct addon addon = {
		.is_valid = true,
		.plans = row->plans ? json_parse(arena, row->plans,
						 strlen(row->plans), &why)
				    : NULL,
	};

	assert_bool(addon_allows_plan(&addon, row->from, row->plan, &refusal),
		    row->expected);
	assert_bool(refusal, !row->expected);
	if (refusal)
		assert_int_equal(refusal[strlen(refusal) - 1], '.');
}

/* ---- config vars ---- */

static struct declare_row {
	const char *name;
	const char *config_vars; /* NULL: the manifest has none */
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
};

int main(void)
{
	UNIT_ROWS(listeners, listener_is_as_expected);
	UNIT_ROWS(plans, plan_is_as_expected);
	UNIT_ROWS(declares, declaration_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("addon");
}
