#include "homes.h"

#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

#define FILE_NAME "heroku/fast-db/addon-manifest.json"

static const struct addon *open_with(const char *manifest, const char *found,
				     const char *put)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_replace(manifest, found, put));
	return homes_open_one();
}

/* ---- as they are written by Heroku's tools ---- */

static void a_manifest_of_version_3_is_read_whole(void)
{
	const struct addon *addon = open_with(homes_v3, NULL, NULL);

	assert_string_equal(unit_findings(), "");
	assert_true(addon->is_valid);
	assert_contains(addon->home, "addons/heroku/fast-db");
	assert_text(addon->id, "fast-db");
	assert_string_equal(addon->dialect->name, "heroku-v3");
	assert_int_equal(addon->passwords.count, 1);
	assert_text(addon->passwords.values[0], HOMES_PASSWORD);
	assert_int_equal(addon->salts.count, 1);
	assert_text(addon->salts.values[0], HOMES_SALT);
	assert_string_equal(url_path_text(arena, &addon->resources),
			    "/heroku/resources");
	assert_string_equal(url_path_text(arena, &addon->sso), "/sso/login");
	assert_string_equal(json_print(arena, addon->config_vars),
			    "[\"FAST_DB_URL\"]");
	assert_false(addon->drains_logs);
	assert_null(addon->plans);
	assert_int_equal(addon->listener, ADDON_TEMPLATE);
}

static void a_manifest_of_version_1_is_read_whole(void)
{
	const struct addon *addon = open_with(homes_v1, NULL, NULL);

	assert_string_equal(unit_findings(), "");
	assert_true(addon->is_valid);
	assert_text(addon->id, "fast-db");
	assert_string_equal(addon->dialect->name, "heroku-v1");
	assert_text(addon->passwords.values[0], HOMES_PASSWORD);
	assert_text(addon->salts.values[0], HOMES_SALT);
	assert_string_equal(url_path_text(arena, &addon->resources),
			    "/heroku/resources");
	assert_string_equal(url_path_text(arena, &addon->sso), "/sso/login");
}

static void an_sso_url_that_is_not_there_has_no_path(void)
{
	const struct addon *addon = open_with(
		homes_v3,
		",\n      \"sso_url\": \"https://fast-db.example/sso/login\"",
		"");

	assert_int_equal(addon->sso.count, 0);
}

/* ---- what else is well ---- */

static struct good_row {
	const char *name;
	const char *manifest;
	const char *found, *put;
	const char *expected; /* dialect, path, salts, drain */
} goods[] = {
	{ "a version may be a number", homes_v3, "\"version\": \"3\"",
	  "\"version\": 3", "heroku-v3 /heroku/resources 1 keeps" },
	{ "version 1 may be a string", homes_v3, "\"version\": \"3\"",
	  "\"version\": \"1\"", "heroku-v1 /heroku/resources 1 keeps" },
	{ "version 1 may be a number", homes_v3, "\"version\": \"3\"",
	  "\"version\": 1", "heroku-v1 /heroku/resources 1 keeps" },
	{ "no version is version 1", homes_v3, "\"version\": \"3\"",
	  "\"$base\": 7", "heroku-v1 /heroku/resources 1 keeps" },
	{ "unknown members are ignored", homes_v3, "\"name\": \"Fast DB\"",
	  "\"cli_plugin_name\": \"x\", \"new\": [{}], \"name\": 7",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "without sign-on there need be no sso_url", homes_v3,
	  ",\n      \"sso_url\": \"https://fast-db.example/sso/login\"", "",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "requiring syslog_drain is noted", homes_v3, "\"requires\": []",
	  "\"requires\": [\"many_per_app\", \"syslog_drain\"]",
	  "heroku-v3 /heroku/resources 1 drains" },
	{ "requiring something else is ignored", homes_v3, "\"requires\": []",
	  "\"requires\": [\"log_input\", \"brand_new\"]",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "requires may be missing", homes_v3, "\"requires\": [],", "",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "config_vars may be missing", homes_v1,
	  "\"config_vars\": [ \"FAST_DB_URL\" ],", "",
	  "heroku-v1 /heroku/resources 1 keeps" },
	{ "config_vars may be many", homes_v3, "\"FAST_DB_URL\"",
	  "\"FAST_DB_URL\", \"FAST_DB_2\", \"FAST_DB_A_B\"",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "a prefix may be another than the id", homes_v1,
	  "\"config_vars\": [ \"FAST_DB_URL\" ]",
	  "\"config_vars_prefix\": \"ACME\", \"config_vars\": [\"ACME_X\"]",
	  "heroku-v1 /heroku/resources 1 keeps" },
	{ "an id may have digits", homes_v3, "\"id\": \"fast-db\"",
	  "\"id\": \"4db2\"", "heroku-v3 /heroku/resources 1 keeps" },
	{ "an id may have 64 characters", homes_v3, "\"id\": \"fast-db\"",
	  "\"id\": \"0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef\"",
	  "heroku-v3 /heroku/resources 1 keeps" },

	/* mount */
	{ "a trailing slash is cut", homes_v3, "/heroku/resources\"",
	  "/heroku/resources/\"", "heroku-v3 /heroku/resources 1 keeps" },
	{ "a missing path is appended", homes_v3, "/heroku/resources\"", "\"",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "a missing path is appended to a slash", homes_v3,
	  "/heroku/resources\"", "/\"", "heroku-v3 /heroku/resources 1 keeps" },
	{ "another path is continued", homes_v3, "/heroku/resources\"",
	  "/fast-db\"", "heroku-v3 /fast-db/heroku/resources 1 keeps" },
	{ "another path with a slash is continued", homes_v3,
	  "/heroku/resources\"", "/fast-db/\"",
	  "heroku-v3 /fast-db/heroku/resources 1 keeps" },
	{ "a longer path is kept", homes_v3, "/heroku/resources\"",
	  "/a/b/heroku/resources\"",
	  "heroku-v3 /a/b/heroku/resources 1 keeps" },
	{ "half of the path is continued", homes_v3, "/heroku/resources\"",
	  "/heroku\"", "heroku-v3 /heroku/heroku/resources 1 keeps" },
	{ "a name that ends like it is continued", homes_v3,
	  "/heroku/resources\"", "/myheroku/resources\"",
	  "heroku-v3 /myheroku/resources/heroku/resources 1 keeps" },
	{ "a port does not matter", homes_v3,
	  "https://fast-db.example/heroku/resources\"",
	  "https://localhost:8443/heroku/resources\"",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "empty segments are kept", homes_v3, "/heroku/resources\"",
	  "//a//heroku/resources\"",
	  "heroku-v3 //a//heroku/resources 1 keeps" },
	{ "slashes at the end are cut", homes_v3, "/heroku/resources\"",
	  "/heroku/resources//\"", "heroku-v3 /heroku/resources 1 keeps" },
	{ "a host may be in capitals", homes_v3,
	  "https://fast-db.example/heroku/resources\"",
	  "https://Fast-DB.EXAMPLE/heroku/resources\"",
	  "heroku-v3 /heroku/resources 1 keeps" },
	{ "sso_url may be base_url", homes_v3, "/sso/login",
	  "/heroku/resources", "heroku-v3 /heroku/resources 1 keeps" },
	{ "a secret of 16 characters is enough", homes_v3, HOMES_PASSWORD,
	  "1234567890123456", "heroku-v3 /heroku/resources 1 keeps" },
	{ "a path is decoded", homes_v3, "/heroku/resources\"", "/%61%20b\"",
	  "heroku-v3 /a b/heroku/resources 1 keeps" },
	{ "production may be the root's URL", homes_v1,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },",
	  "\"production\": \"https://fast-db.example\",",
	  "heroku-v1 /heroku/resources 1 keeps" },
	{ "production may be the root's URL with a slash", homes_v1,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },",
	  "\"production\": \"https://fast-db.example/\",",
	  "heroku-v1 /heroku/resources 1 keeps" },
	{ "without production the URLs of test count", homes_v1,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },",
	  "", "heroku-v1 /heroku/resources 1 keeps" },
	{ "test is ignored if there is production", homes_v1,
	  "http://localhost:4567/heroku/resources",
	  "http://localhost:4567/other",
	  "heroku-v1 /heroku/resources 1 keeps" },
	{ "test may be the root's URL", homes_v1,
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },\n"
	  "    \"test\": {\n"
	  "      \"base_url\": \"http://localhost:4567/heroku/resources\",\n"
	  "      \"sso_url\": \"http://localhost:4567/sso/login\"\n"
	  "    }",
	  "\"test\": \"http://localhost:4567\"",
	  "heroku-v1 /heroku/resources 1 keeps" },
};

static void manifest_is_good(void **state)
{
	const struct good_row *row = *state;
	const struct addon *addon =
		open_with(row->manifest, row->found, row->put);

	assert_string_equal(unit_findings(), "");
	assert_true(addon->is_valid);
	assert_string_equal(
		arena_printf(arena, "%s %s %d %s", addon->dialect->name,
			     url_path_text(arena, &addon->resources),
			     addon->salts.count,
			     addon->drains_logs ? "drains" : "keeps"),
		row->expected);
	assert_false(addon->resources.ends_in_slash);
}

/* ---- what is an error ---- */

static struct bad_row {
	const char *name;
	const char *found, *put; /* in homes_v3 */
	const char *field, *remedy;
	bool is_unreadable; /* id or path is unknown */
} bads[] = {
	/* id */
	{ "an id must not be missing", "\"id\": \"fast-db\",", "", ": id ",
	  "slug", true },
	{ "an id must be a string", "\"id\": \"fast-db\"", "\"id\": 7", ": id ",
	  "slug", true },
	{ "an id must not be empty", "\"id\": \"fast-db\"", "\"id\": \"\"",
	  ": id ", "slug", true },
	{ "an id has no capitals", "\"id\": \"fast-db\"", "\"id\": \"Fast\"",
	  ": id ", "lower-case", true },
	{ "an id has no blanks", "\"id\": \"fast-db\"", "\"id\": \"fast db\"",
	  ": id ", "slug", true },
	{ "an id has no colon, which ends it in Basic auth",
	  "\"id\": \"fast-db\"", "\"id\": \"fast:db\"", ": id ", "slug", true },
	{ "an id has no slash", "\"id\": \"fast-db\"", "\"id\": \"../etc\"",
	  ": id ", "slug", true },
	{ "an id is ASCII", "\"id\": \"fast-db\"", "\"id\": \"f\\u00e4st\"",
	  ": id ", "slug", true },
	{ "an id has no more than 64 characters", "\"id\": \"fast-db\"",
	  "\"id\": \"0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef0\"",
	  ": id ", "64", true },

	/* api and its version */
	{ "api must not be missing", "\"api\": {", "\"ap1\": {", ": api ",
	  "object", true },
	{ "version 2 is not spoken", "\"version\": \"3\"", "\"version\": \"2\"",
	  "api.version", "write \"3\"", true },
	{ "version 4 is not spoken", "\"version\": \"3\"", "\"version\": 4",
	  "api.version", "write \"3\"", true },
	{ "version 3.1 is not spoken", "\"version\": \"3\"", "\"version\": 3.1",
	  "api.version", "write \"3\"", true },
	{ "an empty version is refused", "\"version\": \"3\"",
	  "\"version\": \"\"", "api.version", "write \"3\"", true },
	{ "a null version is refused", "\"version\": \"3\"",
	  "\"version\": null", "api.version", "write \"3\"", true },
	{ "a version of another kind is refused", "\"version\": \"3\"",
	  "\"version\": [3]", "api.version", "write \"3\"", true },

	/* secrets */
	{ "a password must not be missing",
	  "\"password\": \"" HOMES_PASSWORD "\",", "", "api.password",
	  "random string", false },
	{ "a password must be a string", "\"password\": \"" HOMES_PASSWORD "\"",
	  "\"password\": 12345678901234567", "api.password", "random string",
	  false },
	{ "a password must not be empty", HOMES_PASSWORD, "", "api.password",
	  "random string", false },
	{ "a password has 16 characters", HOMES_PASSWORD, "123456789012345",
	  "api.password", "shorter than 16 characters: use a random", false },
	{ "CHANGEME is not a password", HOMES_PASSWORD, "CHANGEME",
	  "api.password", "random string", false },
	{ "super-secret is not a password", HOMES_PASSWORD, "super-secret",
	  "api.password", "random string", false },
	{ "a salt must be a string", "\"sso_salt\": \"" HOMES_SALT "\"",
	  "\"sso_salt\": 7", "api.sso_salt", "string", false },
	{ "a salt must not be empty", HOMES_SALT, "", "api.sso_salt",
	  "random string", false },
	{ "a salt has 16 characters", HOMES_SALT, "123456789012345",
	  "api.sso_salt", "shorter than 16 characters: use a random", false },
	{ "CHANGEME is not a salt", HOMES_SALT, "CHANGEME", "api.sso_salt",
	  "random string", false },
	{ "super-secret is not a salt", HOMES_SALT, "super-secret",
	  "api.sso_salt", "random string", false },
	{ "a published salt is refused", HOMES_SALT,
	  "2f97bfa52ca102f8874716e2eb1d3b4920ad0be4", "api.sso_salt",
	  "random string", false },
	{ "another published salt is refused", HOMES_SALT, "zPzckKkGf3XiJaD0",
	  "api.sso_salt", "random string", false },
	{ "a published salt is not a password", HOMES_PASSWORD,
	  "2f97bfa52ca102f8874716e2eb1d3b4920ad0be4", "api.password",
	  "random string", false },
	{ "the sample password of the manifest's page is refused",
	  HOMES_PASSWORD, "GqAGAmdrnkDFcvR9", "api.password",
	  "published sample", false },
	{ "its sample salt is refused", HOMES_SALT, "7CwqmJLEjv8YZTXK",
	  "api.sso_salt", "published sample", false },
	{ "the password of a reference add-on is refused", HOMES_PASSWORD,
	  "44ca82ddf8d4e74d52494ce2895152ee", "api.password",
	  "published sample", false },
	{ "its salt is refused", HOMES_SALT, "fcb5b3add85d65e1dddda87a115b429f",
	  "api.sso_salt", "published sample", false },
	{ "another add-on's password is refused", HOMES_PASSWORD,
	  "bv95AM7726CwVQ7cHUSKuOb3tTREDdVn", "api.password",
	  "published sample", false },
	{ "its salt is refused too", HOMES_SALT,
	  "KtdFl80yzJvkEvq7bmJuQkuXKtV2nx6T", "api.sso_salt",
	  "published sample", false },
	{ "a placeholder is refused, in capitals too", HOMES_PASSWORD,
	  "PASSWORD_GOES_HERE", "api.password", "published sample", false },
	{ "a user name is an error", "\"requires\": []",
	  "\"username\": \"fast-db\"", "api.username", "remove it", false },
	{ "a user name is an error without a salt too",
	  "\"sso_salt\": \"" HOMES_SALT "\"", "\"username\": \"fast-db\"",
	  "api.username", "remove it", false },

	/* config vars */
	{ "a prefix must be a string", "\"FAST_DB\"", "7",
	  "api.config_vars_prefix", "string", false },
	{ "a prefix has no dash", "\"config_vars_prefix\": \"FAST_DB\"",
	  "\"config_vars_prefix\": \"FAST-DB\"", "api.config_vars_prefix",
	  "such as FAST_DB", false },
	{ "a prefix does not end in _", "\"config_vars_prefix\": \"FAST_DB\"",
	  "\"config_vars_prefix\": \"FAST_DB_\"", "api.config_vars_prefix",
	  "not a part of it", false },
	{ "without an id, names have no wrong prefix",
	  "\"id\": \"fast-db\",\n  \"name\": \"Fast DB\",\n  \"api\": {\n"
	  "    \"config_vars_prefix\": \"FAST_DB\",",
	  "\"api\": {", ": id ", "slug", true },
	{ "config_vars must be an array", "[\n      \"FAST_DB_URL\"\n    ]",
	  "\"FAST_DB_URL\"", "api.config_vars", "array", false },
	{ "config_vars must be strings", "\"FAST_DB_URL\"", "\"FAST_DB_A\", 7",
	  "api.config_vars", "names", false },
	{ "a config var begins with the prefix", "\"FAST_DB_URL\"",
	  "\"FASTDB_URL\"", "FASTDB_URL",
	  "begin with FAST_DB_: if customers use the name already, set "
	  "api.config_vars_prefix",
	  false },
	{ "a config var is more than the prefix", "\"FAST_DB_URL\"",
	  "\"FAST_DB_\"", "api.config_vars", "FAST_DB_", false },
	{ "a config var has no small letters", "\"FAST_DB_URL\"",
	  "\"FAST_DB_Url\"", "FAST_DB_Url", "capital letters", false },
	{ "a config var has no dashes", "\"FAST_DB_URL\"", "\"FAST_DB_A-B\"",
	  "FAST_DB_A-B", "capital letters", false },
	{ "a config var is not empty", "\"FAST_DB_URL\"", "\"\"",
	  "api.config_vars", "capital letters", false },
	{ "each config var is looked at", "\"FAST_DB_URL\"",
	  "\"FAST_DB_URL\", \"FAST_DB_A\", \"OTHER\"", "OTHER",
	  "begin with FAST_DB_:", false },
	{ "the prefix comes from the id if it is not said",
	  "\"config_vars_prefix\": \"FAST_DB\",\n"
	  "    \"config_vars\": [\n"
	  "      \"FAST_DB_URL\"",
	  "\"config_vars\": [\n"
	  "      \"FAST_URL\"",
	  "FAST_URL", "begin with FAST_DB_:", false },

	/* regions and requires */
	{ "regions must be an array", "[\n      \"us\",\n      \"eu\"\n    ]",
	  "\"us\"", "api.regions", "array", false },
	{ "regions must not be empty", "[\n      \"us\",\n      \"eu\"\n    ]",
	  "[]", "api.regions", "us", false },
	{ "regions must be strings", "\"us\"", "7", "api.regions", "names",
	  false },
	{ "requires must be an array", "\"requires\": []",
	  "\"requires\": \"syslog_drain\"", "api.requires", "array", false },
	{ "requires must be strings", "\"requires\": []",
	  "\"requires\": [true]", "api.requires", "strings", false },

	/* URLs */
	{ "production must not be missing", "\"production\": {",
	  "\"produktion\": {", "api.production", "base_url", true },
	{ "production must be an object", "\"production\": {",
	  "\"production\": 7, \"x\": {", "api.production", "object", true },
	{ "production must not be null", "\"production\": {",
	  "\"production\": null, \"x\": {", "api.production", "object", true },
	{ "base_url must not be missing", "\"base_url\"", "\"bare_url\"",
	  "api.production.base_url", "URL", true },
	{ "base_url must be a string",
	  "\"https://fast-db.example/heroku/resources\"", "7",
	  "api.production.base_url", "URL", true },
	{ "base_url must be encrypted", "https://fast-db.example/heroku",
	  "http://fast-db.example/heroku", "api.production.base_url",
	  "https://", true },
	{ "base_url must not be a path",
	  "https://fast-db.example/heroku/resources", "/heroku/resources",
	  "api.production.base_url", "https://", true },
	{ "base_url must not be empty",
	  "https://fast-db.example/heroku/resources", "",
	  "api.production.base_url", "https://", true },
	{ "base_url must name a host",
	  "https://fast-db.example/heroku/resources",
	  "https:///heroku/resources", "api.production.base_url", "host",
	  true },
	{ "base_url must have one scheme", "https://fast-db.example/heroku",
	  "https://https://fast-db.example/heroku", "api.production.base_url",
	  "https:// twice", true },
	{ "base_url must have no dots", "/heroku/resources\"",
	  "/../heroku/resources\"", "api.production.base_url", "path", true },
	{ "base_url must be well encoded", "/heroku/resources\"",
	  "/%zz/heroku/resources\"", "api.production.base_url", "digits",
	  true },
	{ "sso_url must be a string", "\"https://fast-db.example/sso/login\"",
	  "7", "api.production.sso_url", "URL", false },
	{ "sso_url must be encrypted", "https://fast-db.example/sso",
	  "http://fast-db.example/sso", "api.production.sso_url", "https://",
	  false },
	{ "sso_url must name a host", "https://fast-db.example/sso/login",
	  "https:///sso/login", "api.production.sso_url", "host", false },
	{ "sso_url must be well encoded", "/sso/login", "/%zz",
	  "api.production.sso_url", "digits", false },
	{ "sso_url must not be the page of ours", "/sso/login", "/dashboard",
	  "api.production.sso_url", "such as /sso/login", false },
	{ "sso_url must not be the page of ours with a slash", "/sso/login",
	  "/dashboard/", "api.production.sso_url", "such as /sso/login",
	  false },
	{ "sso_url must not be where sessions end", "/sso/login",
	  "/session/end", "api.production.sso_url", "such as /sso/login",
	  false },
	{ "sso_url must have one scheme", "https://fast-db.example/sso",
	  "https://https://fast-db.example/sso", "api.production.sso_url",
	  "https:// twice", false },

	/* what belongs into api */
	{ "a version outside api is refused", "\"version\": \"3\"\n  },",
	  "\"x\": 3\n  }, \"version\": 3,", ": version is outside api",
	  "move it into api", false },
	{ "requires outside api is refused",
	  "\"requires\": [],\n"
	  "    \"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },\n"
	  "    \"version\": \"3\"\n"
	  "  },",
	  "\"production\": \"https://fast-db.example\",\n"
	  "    \"version\": \"3\"\n"
	  "  },\n"
	  "  \"requires\": [ \"syslog_drain\" ],",
	  ": requires is outside api", "move it into api", false },
	{ "an error says where a missing api can be seen", "\"api\": {",
	  "\"x\": {", ": api must be an object, as in the manifest that",
	  "provisor init heroku writes", true },
};

static void manifest_is_bad(void **state)
{
	const struct bad_row *row = *state;
	struct addons *addons;

	homes_clear();
	homes_add("heroku/fast-db",
		  homes_replace(homes_v3, row->found, row->put));
	addons = homes_open();
	homes_assert_error(FILE_NAME, row->field, row->remedy);
	assert_int_equal(addons->count, 1);
	assert_false(addons->list[0]->is_valid);
	assert_int_equal(addons->unreadable, row->is_unreadable);
}

/* ---- the file itself ---- */

static struct file_row {
	const char *name;
	const char *content;
	const char *remedy;
} files[] = {
	{ "an empty file is not a manifest", "", "not valid JSON: line 1" },
	{ "a faulty file names the line", "{\n  \"id\": \"fast-db\",\n}",
	  "not valid JSON: line 3" },
	{ "a duplicate member is a fault",
	  "{\"id\":\"fast-db\",\"api\":{},\"id\":\"fast-db\"}",
	  "two members with the same name, \"id\": correct it" },
	{ "a comment is named", "{\n  // fast\n  \"id\": \"fast-db\"}",
	  "line 2: JSON has no comments: correct it" },
	{ "a byte order mark is named", "\xef\xbb\xbf{}",
	  "a byte order mark, which must be removed" },
	{ "UTF-16 is named", "\xff\xfe{", "UTF-16 and must be UTF-8" },
	{ "an array is not a manifest", "[]", "JSON object" },
	{ "a string is not a manifest", "\"fast-db\"", "JSON object" },
};

static void file_is_bad(void **state)
{
	const struct file_row *row = *state;
	struct addons *addons;

	homes_clear();
	homes_add("heroku/fast-db", row->content);
	addons = homes_open();
	homes_assert_error(FILE_NAME, "", row->remedy);
	assert_false(addons->list[0]->is_valid);
	assert_int_equal(addons->unreadable, 1);
}

static void a_missing_manifest_is_an_error(void)
{
	struct addons *addons;

	homes_clear();
	homes_write("heroku/fast-db", "template.json", "{}");
	addons = homes_open();
	homes_assert_error(FILE_NAME, "cannot be read", "");
	assert_false(addons->list[0]->is_valid);
	assert_int_equal(addons->unreadable, 1);
}

static void a_folder_is_no_manifest(void)
{
	homes_clear();
	homes_write("heroku/fast-db", "addon-manifest.json/x", "");
	homes_write("heroku/fast-db", "template.json", "{}");
	homes_open();
	homes_assert_error(FILE_NAME, "a file", "");
}

static void a_manifest_has_a_mebibyte_at_most(void)
{
	const char *space = arena_printf(arena, "%*s", 1024 * 1024, "");

	homes_clear();
	homes_add("heroku/fast-db",
		  arena_printf(arena, "%s%s", homes_v3, space));
	homes_open();
	homes_assert_error(FILE_NAME, "1 MiB", "");
}

/* ---- the other name of the file ---- */

static void the_older_name_of_a_manifest_is_read(void)
{
	const struct addon *addon;

	homes_clear();
	homes_write("heroku/fast-db", "addon_manifest.json", homes_v3);
	homes_write("heroku/fast-db", "template.json", "{}");
	addon = homes_open_one();
	assert_int_equal(findings.errors, 0);
	assert_contains(unit_findings(), "warning: ");
	assert_contains(unit_findings(),
			"heroku/fast-db/addon_manifest.json: is the manifest "
			"under its older name");
	assert_contains(unit_findings(), "rename it to addon-manifest.json");
	assert_true(addon->is_valid);
	assert_text(addon->id, "fast-db");
	assert_text(addon->manifest, "addon_manifest.json");
}

static void two_manifests_are_an_error_that_names_the_one_in_force(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_write("heroku/fast-db", "addon_manifest.json", homes_v1);
	assert_string_equal(homes_open_one()->dialect->name, "heroku-v1");
	homes_assert_error("heroku/fast-db",
			   "has both addon_manifest.json and "
			   "addon-manifest.json: the first is in force",
			   "remove the other");
}

static void a_manifest_of_the_older_name_is_watched(void)
{
	homes_clear();
	homes_write("heroku/fast-db", "addon_manifest.json",
		    homes_replace(homes_v3, "FAST_DB_URL", "X"));
	homes_write("heroku/fast-db", "template.json", "{}");
	assert_false(homes_open_one()->is_valid);
	homes_write("heroku/fast-db", "addon_manifest.json", homes_v3);
	assert_true(addons_have_changed(homes_addons));
}

/* ---- what works otherwise than it was meant, with a warning ---- */

static struct doubtful_row {
	const char *name;
	const char *found, *put;
	const char *dialect;
	int salts;
	const char *warning; /* NULL: none */
} doubtfuls[] = {
	{ "a misspelled version means version 1, with a warning",
	  "\"version\": \"3\"", "\"versoin\": \"3\"", "heroku-v1", 1,
	  "api.versoin is unknown" },
	{ "a member outside api is a warning if api has it too",
	  "\"name\": \"Fast DB\"", "\"version\": 1", "heroku-v3", 1,
	  "version is outside api and has no effect" },
	{ "an unknown member is a warning", "\"requires\": []", "\"new\": [{}]",
	  "heroku-v3", 1, "api.new is unknown" },
	{ "a missing salt is a warning", "\"sso_salt\": \"" HOMES_SALT "\",",
	  "", "heroku-v3", 0, "api.sso_salt is missing" },
	{ "without an sso_url a missing salt is not a warning",
	  "\"sso_salt\": \"" HOMES_SALT "\",\n"
	  "    \"regions\": [\n"
	  "      \"us\",\n"
	  "      \"eu\"\n"
	  "    ],\n"
	  "    \"requires\": [],\n"
	  "    \"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	  "      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	  "    },",
	  "\"production\": {\n"
	  "      \"base_url\": \"https://fast-db.example/heroku/resources\"\n"
	  "    },",
	  "heroku-v3", 0, NULL },
};

static void manifest_is_doubtful(void **state)
{
	const struct doubtful_row *row = *state;
	const struct addon *addon = open_with(homes_v3, row->found, row->put);

	assert_true(addon->is_valid);
	assert_string_equal(addon->dialect->name, row->dialect);
	assert_int_equal(addon->salts.count, row->salts);
	assert_int_equal(findings.errors, 0);
	assert_bool(findings.first, row->warning);
	if (!row->warning)
		return;
	assert_contains(unit_findings(), "warning: ");
	assert_contains(unit_findings(), FILE_NAME);
	assert_contains(unit_findings(), row->warning);
}

static void all_errors_are_reported_at_once(void)
{
	const char *manifest =
		homes_replace(homes_v3, "\"FAST_DB_URL\"", "\"other\"");

	open_with(manifest, HOMES_PASSWORD, "CHANGEME");
	assert_int_equal(findings.errors, 2);
	assert_contains(unit_findings(), "api.password");
	assert_contains(unit_findings(), "api.config_vars");
}

static struct unit_check checks[] = {
	{ "a manifest of version 3 is read whole",
	  a_manifest_of_version_3_is_read_whole },
	{ "a manifest of version 1 is read whole",
	  a_manifest_of_version_1_is_read_whole },
	{ "an sso_url that is not there has no path",
	  an_sso_url_that_is_not_there_has_no_path },
	{ "a missing manifest is an error", a_missing_manifest_is_an_error },
	{ "a folder is not a manifest", a_folder_is_no_manifest },
	{ "a manifest has a mebibyte at most",
	  a_manifest_has_a_mebibyte_at_most },
	{ "the older name of a manifest is read",
	  the_older_name_of_a_manifest_is_read },
	{ "two manifests are an error that names the one in force",
	  two_manifests_are_an_error_that_names_the_one_in_force },
	{ "a manifest of the older name is watched",
	  a_manifest_of_the_older_name_is_watched },
	{ "all errors are reported at once", all_errors_are_reported_at_once },
};

int main(void)
{
	UNIT_CHECKS(checks);
	UNIT_ROWS(goods, manifest_is_good);
	UNIT_ROWS(bads, manifest_is_bad);
	UNIT_ROWS(files, file_is_bad);
	UNIT_ROWS(doubtfuls, manifest_is_doubtful);
	return unit_run("addon_manifest");
}
