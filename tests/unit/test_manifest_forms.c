/*
 * The manifests of Clever Cloud, DigitalOcean and Scalingo.  test_manifest.c
 * has Heroku's, and what all of them share.
 */
#include "homes.h"

#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

static const char *const homes[] = {
	"clever-cloud/fast-db",
	"digitalocean/fast-db",
	"scalingo/fast-db",
};

static const char *const manifests[] = {
	homes_clever_cloud,
	homes_digitalocean,
	homes_scalingo,
};

enum form { CLEVER_CLOUD, DIGITALOCEAN, SCALINGO };

/* The production object of Scalingo's manifest. */
#define SCALINGO_PRODUCTION                                                    \
	"  \"production\": {\n"                                                \
	"    \"base_url\": \"https://fast-db.example/scalingo/resources\",\n"  \
	"    \"sso_url\": \"https://fast-db.example/sso/scalingo\"\n"          \
	"  },\n"

#define SCALINGO_PLANS                                                         \
	"[\n"                                                                  \
	"    { \"name\": \"basic\", \"display_name\": \"Basic\",\n"            \
	"      \"price\": 10, \"description\": \"Small\" },\n"                 \
	"    { \"name\": \"premium\", \"display_name\": \"Premium\",\n"        \
	"      \"price\": 20, \"description\": \"Large\" }\n"                  \
	"  ]"

static const char *path_text(const struct url_path *path)
{
	return path->count > 0 ? url_path_text(arena, path) : "-";
}

/* ---- what is well ---- */

static struct good_row {
	const char *name;
	enum form form;
	const char *found, *put;
	/* Id, user, paths of resources, notifications and sign-on, config vars
	 * and plans. */
	const char *expected;
} goods[] = {
	{ "Clever Cloud's manifest is read whole", CLEVER_CLOUD, NULL, NULL,
	  "fast-db fast-db /clever-cloud/resources - /sso/clever-cloud "
	  "[\"FAST_DB_URL\"] any" },
	{ "its base_url is the path of resources", CLEVER_CLOUD,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/clever-cloud/resources\"",
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/a/resources/\"",
	  "fast-db fast-db /a/resources - /sso/clever-cloud [\"FAST_DB_URL\"] any" },
	{ "its name may be missing", CLEVER_CLOUD, "  \"name\": \"Fast DB\",\n",
	  "",
	  "fast-db fast-db /clever-cloud/resources - /sso/clever-cloud "
	  "[\"FAST_DB_URL\"] any" },
	{ "there may be more regions", CLEVER_CLOUD, "[ \"eu\" ]",
	  "[ \"us\", \"eu\" ]",
	  "fast-db fast-db /clever-cloud/resources - /sso/clever-cloud "
	  "[\"FAST_DB_URL\"] any" },
	{ "its config vars may have another prefix", CLEVER_CLOUD,
	  "\"config_vars\": [ \"FAST_DB_URL\" ]",
	  "\"config_vars_prefix\": \"ACME\", \"config_vars\": [\"ACME_URL\"]",
	  "fast-db fast-db /clever-cloud/resources - /sso/clever-cloud "
	  "[\"ACME_URL\"] any" },

	{ "DigitalOcean's manifest is read whole", DIGITALOCEAN, NULL, NULL,
	  "fast-db fast-db /digitalocean/resources "
	  "/digitalocean/notifications /digitalocean/sso [\"URL\"] "
	  "{\"basic\":{},\"premium\":{}}" },
	{ "its paths are below that of base_url", DIGITALOCEAN,
	  "\"base_url\": \"https://fast-db.example\"",
	  "\"base_url\": \"https://fast-db.example/a/\"",
	  "fast-db fast-db /a/digitalocean/resources "
	  "/a/digitalocean/notifications /digitalocean/sso [\"URL\"] "
	  "{\"basic\":{},\"premium\":{}}" },
	{ "its base_url may have the path of resources", DIGITALOCEAN,
	  "\"base_url\": \"https://fast-db.example\"",
	  "\"base_url\": \"https://fast-db.example/a/digitalocean/resources\"",
	  "fast-db fast-db /a/digitalocean/resources "
	  "/a/digitalocean/notifications /digitalocean/sso [\"URL\"] "
	  "{\"basic\":{},\"premium\":{}}" },
	{ "its plans may be objects with a slug", DIGITALOCEAN,
	  "[ \"basic\", \"premium\" ]",
	  "[ {\"slug\": \"basic\", \"name\": \"Basic\"} ]",
	  "fast-db fast-db /digitalocean/resources "
	  "/digitalocean/notifications /digitalocean/sso [\"URL\"] "
	  "{\"basic\":{}}" },
	{ "without plans any plan is accepted", DIGITALOCEAN,
	  "  \"plans\": [ \"basic\", \"premium\" ],\n", "",
	  "fast-db fast-db /digitalocean/resources "
	  "/digitalocean/notifications /digitalocean/sso [\"URL\"] any" },
	{ "its config vars have no prefix", DIGITALOCEAN, "[ \"URL\" ]",
	  "[ \"URL\", \"A_TOKEN\" ]",
	  "fast-db fast-db /digitalocean/resources "
	  "/digitalocean/notifications /digitalocean/sso "
	  "[\"URL\",\"A_TOKEN\"] {\"basic\":{},\"premium\":{}}" },

	{ "Scalingo's manifest is read whole", SCALINGO, NULL, NULL,
	  "fast-db fast-db-user /scalingo/resources - /sso/scalingo "
	  "[\"FAST_DB_URL\"] {\"basic\":{},\"premium\":{}}" },
	{ "its user name may have any characters but a colon", SCALINGO,
	  "fast-db-user", "Fast DB @ Acme",
	  "fast-db Fast DB @ Acme /scalingo/resources - /sso/scalingo "
	  "[\"FAST_DB_URL\"] {\"basic\":{},\"premium\":{}}" },
	{ "its config vars have no prefix either", SCALINGO, "FAST_DB_URL",
	  "DATABASE",
	  "fast-db fast-db-user /scalingo/resources - /sso/scalingo "
	  "[\"DATABASE\"] {\"basic\":{},\"premium\":{}}" },
	{ "its test URLs are used without production", SCALINGO,
	  SCALINGO_PRODUCTION, "",
	  "fast-db fast-db-user /scalingo/resources - /sso/scalingo "
	  "[\"FAST_DB_URL\"] {\"basic\":{},\"premium\":{}}" },
	{ "the other name of its test sso_url is known", SCALINGO,
	  "\"log_drain\": false",
	  "\"test_sso_url\": \"https://fast-db.example/sso/scalingo\"",
	  "fast-db fast-db-user /scalingo/resources - /sso/scalingo "
	  "[\"FAST_DB_URL\"] {\"basic\":{},\"premium\":{}}" },
	{ "its plans may be names", SCALINGO, SCALINGO_PLANS, "[\"basic\"]",
	  "fast-db fast-db-user /scalingo/resources - /sso/scalingo "
	  "[\"FAST_DB_URL\"] {\"basic\":{}}" },
};

static void manifest_is_good(void **state)
{
	const struct good_row *row = *state;
	const struct addon *addon;

	homes_clear();
	homes_add(homes[row->form],
		  homes_replace(manifests[row->form], row->found, row->put));
	addon = homes_open_one();
	assert_string_equal(unit_findings(), "");
	assert_true(addon->is_valid);
	assert_text(arena_printf(arena, "%s %s %s %s %s %s %s", addon->id,
				 addon->user, path_text(&addon->resources),
				 path_text(&addon->notifications),
				 path_text(&addon->sso),
				 json_print(arena, addon->config_vars),
				 addon->plans ? json_print(arena, addon->plans)
					      : "any"),
		    row->expected);
	assert_text(addon->passwords.values[0], HOMES_PASSWORD);
	assert_text(addon->salts.values[0], HOMES_SALT);
}

/* ---- what is an error ---- */

#define PASSWORD "\"password\": \"" HOMES_PASSWORD "\",\n"

static struct bad_row {
	const char *name;
	enum form form;
	const char *found, *put;
	const char *field, *remedy;
} bads[] = {
	/* Clever Cloud */
	{ "Clever Cloud's id is required", CLEVER_CLOUD,
	  "  \"id\": \"fast-db\",\n", "", ": id ", "the add-on's slug" },
	{ "its api is required", CLEVER_CLOUD, "\"api\"", "\"apy\"", ": api ",
	  "must be an object" },
	{ "its password is required", CLEVER_CLOUD, PASSWORD, "",
	  "api.password", "random string" },
	{ "its password is not short", CLEVER_CLOUD, HOMES_PASSWORD, "short",
	  "api.password", "random" },
	{ "its salt is a string", CLEVER_CLOUD, "\"" HOMES_SALT "\"", "7",
	  "api.sso_salt", "random string" },
	{ "it has no user name", CLEVER_CLOUD, PASSWORD,
	  PASSWORD "\"username\": \"fast-db\",", "api.username",
	  "remove it, the id is the user name" },
	{ "its regions are required", CLEVER_CLOUD,
	  "    \"regions\": [ \"eu\" ],\n", "", "api.regions",
	  "must contain \"eu\"" },
	{ "its regions have eu", CLEVER_CLOUD, "[ \"eu\" ]", "[ \"us\" ]",
	  "api.regions", "must contain \"eu\"" },
	{ "... in small letters", CLEVER_CLOUD, "[ \"eu\" ]", "[ \"EU\" ]",
	  "api.regions", "must contain \"eu\"" },
	{ "its regions are an array", CLEVER_CLOUD, "[ \"eu\" ]", "\"eu\"",
	  "api.regions", "such as [\"eu\"]" },
	{ "its regions are names", CLEVER_CLOUD, "[ \"eu\" ]", "[ \"eu\", 7 ]",
	  "api.regions", "such as [\"eu\"]" },
	{ "its config vars begin with its id", CLEVER_CLOUD, "FAST_DB_URL",
	  "DATABASE_URL", "api.config_vars: \"DATABASE_URL\"",
	  "must begin with FAST_DB_" },
	{ "its config vars are an array", CLEVER_CLOUD, "[ \"FAST_DB_URL\" ]",
	  "\"FAST_DB_URL\"", "api.config_vars", "array of names" },
	{ "its base_url has a path", CLEVER_CLOUD,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/clever-cloud/resources\"",
	  "\"production\": {\n      \"base_url\": \"https://fast-db.example/\"",
	  "api.production.base_url",
	  "needs a path, such as /clever-cloud/resources" },
	{ "... which provisor itself does not use", CLEVER_CLOUD,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/clever-cloud/resources\"",
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/health\"",
	  "api.production.base_url",
	  "use another one, such as /clever-cloud/resources" },
	{ "a member outside api is refused", CLEVER_CLOUD,
	  "\"name\": \"Fast DB\"", "\"requires\": [ \"log_input\" ]",
	  ": requires is outside api", "move it into api" },

	/* Scalingo */
	{ "Scalingo's log_drain is true or false", SCALINGO,
	  "\"log_drain\": false", "\"log_drain\": \"yes\"", ": log_drain ",
	  "must be true or false" },

	/* DigitalOcean */
	{ "DigitalOcean's slug is required", DIGITALOCEAN,
	  "  \"slug\": \"fast-db\",\n", "", ": slug ", "the add-on's slug" },
	{ "... in small letters", DIGITALOCEAN, "\"slug\": \"fast-db\"",
	  "\"slug\": \"Fast-DB\"", ": slug ", "lower-case letters" },
	{ "... and not called id", DIGITALOCEAN, "\"slug\"", "\"id\"",
	  ": slug ", "the add-on's slug" },
	{ "DigitalOcean's password is required", DIGITALOCEAN, PASSWORD, "",
	  ": password ", "random string" },
	{ "its salt is not short", DIGITALOCEAN, HOMES_SALT, "short",
	  ": sso_salt", "random" },
	{ "it has no user name beside its slug", DIGITALOCEAN, PASSWORD,
	  PASSWORD "\"username\": \"fast-db\",", ": username ",
	  "remove it, the id is the user name" },
	{ "its plans are an array", DIGITALOCEAN, "[ \"basic\", \"premium\" ]",
	  "{\"basic\":{}}", ": plans ", "must be an array of plans" },
	{ "its plans are not empty", DIGITALOCEAN, "[ \"basic\", \"premium\" ]",
	  "[]", ": plans ", "must be an array of plans" },
	{ "its plans have names of their own", DIGITALOCEAN,
	  "[ \"basic\", \"premium\" ]", "[\"basic\", \"basic\"]", ": plans ",
	  "a name of its own" },
	{ "each of its plans has a name", DIGITALOCEAN,
	  "[ \"basic\", \"premium\" ]", "[{\"price\": 10}]", ": plans ",
	  "such as [{\"name\": \"basic\"}]" },
	{ "its config vars are capital letters", DIGITALOCEAN, "[ \"URL\" ]",
	  "[ \"url\" ]", ": config_vars: \"url\"", "capital letters" },
	{ "its URLs are required", DIGITALOCEAN, "\"production\"",
	  "\"produktion\"", ": production ", "base_url and sso_url" },
	{ "its base_url is required", DIGITALOCEAN, "base_url", "base_ur1",
	  ": production.base_url ", "is missing" },
	{ "its base_url is https", DIGITALOCEAN, "\"https://fast-db.example\"",
	  "\"http://fast-db.example\"", ": production.base_url ", "https" },
	{ "its sso_url is not a path of provisor", DIGITALOCEAN,
	  "/digitalocean/sso\"", "/dashboard\"", ": production.sso_url ",
	  "use another one" },

	/* Scalingo */
	{ "Scalingo's user name is required", SCALINGO,
	  "  \"username\": \"fast-db-user\",\n", "", ": username ",
	  "the user name with which the marketplace logs in" },
	{ "... and not empty", SCALINGO, "fast-db-user", "", ": username ",
	  "the user name with which the marketplace logs in" },
	{ "... and a string", SCALINGO, "\"fast-db-user\"", "7", ": username ",
	  "the user name with which the marketplace logs in" },
	{ "... without a colon", SCALINGO, "fast-db-user", "fast:db",
	  ": username ", "without a colon" },
	{ "Scalingo's password is required", SCALINGO, PASSWORD, "",
	  ": password ", "random string" },
	{ "its config vars are names", SCALINGO, "[ \"FAST_DB_URL\" ]", "[ 7 ]",
	  ": config_vars ", "array of names" },
	{ "its plans are an array of objects", SCALINGO, SCALINGO_PLANS, "[7]",
	  ": plans ", "must be an array of plans" },
	{ "its base_url has a path, too", SCALINGO,
	  "\"https://fast-db.example/scalingo/resources\"",
	  "\"https://fast-db.example\"", ": production.base_url ",
	  "needs a path, such as /scalingo/resources" },
	{ "... which provisor itself does not use either", SCALINGO,
	  "\"https://fast-db.example/scalingo/resources\"",
	  "\"https://fast-db.example/session\"", ": production.base_url ",
	  "use another one, such as /scalingo/resources" },
	{ "a nested manifest is not Scalingo's", SCALINGO,
	  SCALINGO_PRODUCTION "  \"test\": {\n", "  \"api\": {\n",
	  ": production ", "base_url and sso_url" },
};

static void manifest_is_bad(void **state)
{
	const struct bad_row *row = *state;

	homes_clear();
	homes_add(homes[row->form],
		  homes_replace(manifests[row->form], row->found, row->put));
	assert_false(homes_open()->list[0]->is_valid);
	if (findings.errors == 0 || !strstr(unit_findings(), row->field)
	    || !strstr(unit_findings(), row->remedy))
		fail_msg("%s", unit_findings());
	assert_contains(unit_findings(), homes[row->form]);
	assert_lacks(unit_findings(), HOMES_PASSWORD);
	assert_lacks(unit_findings(), HOMES_SALT);
}

/* ---- what is a warning ---- */

static struct doubtful_row {
	const char *name;
	enum form form;
	const char *found, *put;
	const char *warning;
} doubtfuls[] = {
	{ "an unknown member of Clever Cloud's api", CLEVER_CLOUD, PASSWORD,
	  PASSWORD "\"colour\": \"blue\",", "api.colour is unknown" },
	{ "an unknown member of DigitalOcean's manifest", DIGITALOCEAN,
	  PASSWORD, PASSWORD "\"colour\": \"blue\",", ": colour is unknown" },
	{ "an unknown member of Scalingo's manifest", SCALINGO, PASSWORD,
	  PASSWORD "\"colour\": \"blue\",", ": colour is unknown" },
	{ "a version in Clever Cloud's manifest, which has none", CLEVER_CLOUD,
	  PASSWORD, PASSWORD "\"version\": \"3\",", "api.version is unknown" },
	{ "requires in Clever Cloud's manifest", CLEVER_CLOUD, PASSWORD,
	  PASSWORD "\"requires\": [ \"log_input\" ],",
	  "api.requires is unknown" },
	{ "plans in Clever Cloud's manifest", CLEVER_CLOUD, PASSWORD,
	  PASSWORD "\"plans\": [ \"basic\" ],", "api.plans is unknown" },
	{ "a version in DigitalOcean's manifest", DIGITALOCEAN, PASSWORD,
	  PASSWORD "\"version\": \"1\",", ": version is unknown" },
	{ "a prefix in DigitalOcean's manifest, which the portal has",
	  DIGITALOCEAN, PASSWORD,
	  PASSWORD "\"config_vars_prefix\": \"FAST_DB\",",
	  ": config_vars_prefix is unknown" },
	{ "an id in Scalingo's manifest, which is the folder's name", SCALINGO,
	  PASSWORD, PASSWORD "\"id\": \"other\",", ": id is unknown" },
	{ "a base_url that nginx takes for a browser's page", CLEVER_CLOUD,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/clever-cloud/resources\"",
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/clever-cloud\"",
	  "api.production.base_url has a path that does not end in /resources" },
	{ "no salt, although there is an sso_url", DIGITALOCEAN,
	  "  \"sso_salt\": \"" HOMES_SALT "\",\n", "",
	  ": sso_salt is missing" },
	{ "no salt in Clever Cloud's manifest", CLEVER_CLOUD,
	  "    \"sso_salt\": \"" HOMES_SALT "\",\n", "",
	  "api.sso_salt is missing" },
};

static void manifest_is_doubtful(void **state)
{
	const struct doubtful_row *row = *state;

	homes_clear();
	homes_add(homes[row->form],
		  homes_replace(manifests[row->form], row->found, row->put));
	assert_true(homes_open_one()->is_valid);
	assert_int_equal(findings.errors, 0);
	assert_contains(unit_findings(), row->warning);
}

/* ---- the folder ---- */

static void a_folder_has_the_id_of_a_flat_manifest(void)
{
	homes_clear();
	homes_add("scalingo/Fast DB", homes_scalingo);
	assert_false(homes_open()->list[0]->is_valid);
	homes_assert_error("scalingo/Fast DB", "the folder",
			   "must have the add-on's id as its name");
}

/* The user name selects an add-on among those at a path. */
static void one_path_may_have_two_users(void)
{
	homes_clear();
	homes_add("scalingo/fast-db", homes_scalingo);
	homes_add("scalingo/slow-db",
		  homes_replace(homes_scalingo, "fast-db-user", "slow"));
	homes_open();
	assert_int_equal(findings.errors, 0);
}

static void two_homes_must_not_have_the_same_user_at_a_path(void)
{
	homes_clear();
	homes_add("scalingo/fast-db", homes_scalingo);
	homes_add("scalingo/slow-db", homes_scalingo);
	homes_open();
	assert_true(findings.errors > 0);
}

static struct unit_check checks[] = {
	{ "a folder has the id of a manifest without one",
	  a_folder_has_the_id_of_a_flat_manifest },
	{ "one path may have two users", one_path_may_have_two_users },
	{ "two homes must not have the same user at a path",
	  two_homes_must_not_have_the_same_user_at_a_path },
};

int main(void)
{
	UNIT_ROWS(goods, manifest_is_good);
	UNIT_ROWS(bads, manifest_is_bad);
	UNIT_ROWS(doubtfuls, manifest_is_doubtful);
	UNIT_CHECKS(checks);
	return unit_run("manifest_forms");
}
