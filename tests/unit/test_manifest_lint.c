/*
 * The rules of manifests that only marketplaces and their tools have.
 * test_manifest.c has those that provisor needs itself.
 */
#include "homes.h"

#include "lib/addon/manifest_lint.h"

static const char *lint(const char *marketplace, const char *text)
{
	const char *path = files_write("fast-db/addon-manifest.json", text);

	manifest_lint(arena, path, marketplace, &findings);
	return path;
}

static struct sound_row {
	const char *name;
	const char *marketplace, *manifest;
	const char *found, *put;
} sounds[] = {
	{ "a manifest of version 3 is clean", "heroku", homes_v3, NULL, NULL },
	{ "version 1 may be written", "heroku", homes_v1, "\"api\": {",
	  "\"api\": { \"version\": \"1\"," },
	{ "all regions will do", "heroku", homes_v3, "\"us\",\n      \"eu\"",
	  "\"*\"" },
	{ "a private region is known", "heroku", homes_v3, "\"eu\"",
	  "\"tokyo\"" },
	{ "$base may be a string", "heroku", homes_v3, "152951532282013",
	  "\"152951532282013\"" },
	{ "$base may be in api", "heroku", homes_v3, "\"requires\": []",
	  "\"requires\": [], \"$base\": 7" },
	{ "a plugin may be named", "heroku", homes_v3, "\"name\": \"Fast DB\"",
	  "\"name\": \"Fast DB\", \"cli_plugin_name\": \"heroku-fast-db\"" },
	{ "version 3 may have local URLs", "heroku", homes_v3,
	  "\"requires\": []",
	  "\"requires\": [], \"test\": {\"base_url\": "
	  "\"http://localhost:4567/heroku/resources\"}" },
	{ "Clever Cloud's manifest is clean", "clever-cloud",
	  homes_clever_cloud, NULL, NULL },
	{ "Scalingo's manifest is clean", "scalingo", homes_scalingo, NULL,
	  NULL },
	{ "DigitalOcean's manifest is clean", "digitalocean",
	  homes_digitalocean, NULL, NULL },
};

static void manifest_is_clean(void **state)
{
	const struct sound_row *row = *state;

	lint(row->marketplace,
	     homes_replace(row->manifest, row->found, row->put));
	assert_string_equal(unit_findings(), "");
}

#define PRODUCTION                                                             \
	"\"production\": {\n"                                                  \
	"      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"  \
	"      \"sso_url\": \"https://fast-db.example/sso/login\"\n"           \
	"    }"

static struct fault_row {
	const char *name;
	const char *manifest;
	const char *found, *put;
	enum finding_verdict verdict;
	const char *field, *remedy;
} faults[] = {
	{ "a slug must not be a number", homes_v3, "\"id\": \"fast-db\"",
	  "\"id\": \"4711\"", FINDING_ERROR, "id", "begin it with a letter" },
	{ "a slug should have no punctuation", homes_v3, "\"id\": \"fast-db\"",
	  "\"id\": \"fast_db\"", FINDING_WARNING, "id", "replace it" },
	{ "a name is a string", homes_v3, "\"Fast DB\"", "7", FINDING_ERROR,
	  "name", "must be a string" },
	{ "the name of a plugin is a string", homes_v3, "\"Fast DB\"",
	  "\"Fast DB\", \"cli_plugin_name\": []", FINDING_ERROR,
	  "cli_plugin_name", "must be a string" },
	{ "$base is not an object", homes_v3, "152951532282013", "{}",
	  FINDING_ERROR, "$base", "provisor manifest pull" },
	{ "$base in api neither", homes_v3, "\"requires\": []",
	  "\"requires\": [], \"$base\": null", FINDING_ERROR, "api.$base",
	  "provisor manifest pull" },
	{ "a member beside api may be misspelled", homes_v3,
	  "\"name\": \"Fast DB\"", "\"nmae\": \"Fast DB\"", FINDING_WARNING,
	  "nmae", "correct its spelling" },
	{ "a missing version is the legacy one", homes_v1, "\"id\"", "\"id\"",
	  FINDING_WARNING, "api.version", "write \"3\"" },
	{ "a version should be a string", homes_v3, "\"version\": \"3\"",
	  "\"version\": 3", FINDING_WARNING, "api.version",
	  "in quotation marks" },
	{ "regions are required", homes_v3,
	  "\"regions\": [\n      \"us\",\n      \"eu\"\n    ],", "",
	  FINDING_ERROR, "api.regions", "[\"us\", \"eu\"]" },
	{ "a region of a request is another name", homes_v3, "\"eu\"",
	  "\"amazon-web-services::eu-west-1\"", FINDING_ERROR,
	  "api.regions: \"amazon-web-services::eu-west-1\"", "such as \"us\"" },
	{ "a region may be misspelled", homes_v3, "\"eu\"", "\"franfurt\"",
	  FINDING_WARNING, "api.regions: \"franfurt\"",
	  "correct its spelling" },
	{ "kensa needs the region us", homes_v3, "\"us\",\n", "",
	  FINDING_WARNING, "api.regions", "kensa" },
	{ "config vars should be listed", homes_v3, "\"FAST_DB_URL\"", "",
	  FINDING_WARNING, "api.config_vars", "list all" },
	{ "config vars should be listed in version 1", homes_v3,
	  "\"config_vars\": [\n      \"FAST_DB_URL\"\n    ],", "",
	  FINDING_WARNING, "api.config_vars", "list all" },
	{ "a config var is listed once", homes_v3, "\"FAST_DB_URL\"",
	  "\"FAST_DB_URL\", \"FAST_DB_URL\"", FINDING_WARNING,
	  "api.config_vars", "remove one" },
	{ "a path that is appended should be written", homes_v3,
	  "/heroku/resources", "/", FINDING_WARNING, "api.production.base_url",
	  "does not end in /heroku/resources" },
	{ "a salt needs a URL", homes_v3,
	  ",\n      \"sso_url\": \"https://fast-db.example/sso/login\"", "",
	  FINDING_WARNING, "api.production.sso_url", "write the URL" },
	{ "version 3 has two URLs", homes_v3, PRODUCTION,
	  "\"production\": \"https://fast-db.example/\"", FINDING_WARNING,
	  "api.production", "write an object" },
	{ "URLs of production are required", homes_v3, "\"production\"",
	  "\"test\"", FINDING_ERROR, "api.production", "is missing" },
	{ "a URL for tests is a URL", homes_v3, "\"requires\": []",
	  "\"requires\": [], \"test\": \"localhost\"", FINDING_ERROR,
	  "api.test", "must be a URL" },
	{ "a base_url for tests is a URL", homes_v3, "\"requires\": []",
	  "\"requires\": [], \"test\": {}", FINDING_ERROR, "api.test.base_url",
	  "must be a URL" },
	{ "what provisor itself needs is judged, too", homes_v3, HOMES_PASSWORD,
	  "CHANGEME", FINDING_ERROR, "api.password", "random string" },
	{ "api.username is an error", homes_v3, "\"requires\": []",
	  "\"username\": \"fast-db\"", FINDING_ERROR, "api.username",
	  "remove it" },
};

/* Find the fault among findings about other members. */
static const struct finding *find_fault(const struct fault_row *row)
{
	const struct finding *f = findings.first;

	while (f
	       && (f->verdict != row->verdict || !f->field
		   || strcmp(f->field, row->field) != 0
		   || !strstr(f->text, row->remedy)))
		f = f->next;
	return f;
}

static void fault_is_found(void **state)
{
	const struct fault_row *row = *state;
	const char *path = lint(
		"heroku", homes_replace(row->manifest, row->found, row->put));

	if (!find_fault(row))
		fail_msg("%s is not found: %s", row->field, unit_findings());
	assert_contains(find_fault(row)->text, path);
	assert_lacks(unit_findings(), HOMES_PASSWORD);
	assert_lacks(unit_findings(), HOMES_SALT);
}

static void kensa_needs_urls_for_tests(void)
{
	const char *test = strstr(homes_v1, ",\n    \"test\"");

	lint("heroku",
	     arena_printf(arena, "%.*s\n  }\n}\n", (int)(test - homes_v1),
			  homes_v1));
	assert_int_equal(findings.errors, 0);
	assert_contains(unit_findings(), "api.test is missing, and kensa");
}

static void others_must_not_read_the_file(void)
{
	const char *path = files_write("addon-manifest.json", homes_v3);

	assert_int_equal(chmod(path, 0644), 0);
	manifest_lint(arena, path, "heroku", &findings);
	assert_contains(unit_findings(), "chmod o= it");
}

static void a_file_that_is_missing_is_an_error(void)
{
	manifest_lint(arena, files_path("none.json"), "heroku", &findings);
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), "none.json: cannot be read");
}

static void the_line_of_a_typo_is_found(void)
{
	lint("heroku", "{\n\"id\": \"fast-db\"\n\"api\": {}}");
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), "line 3");
}

static struct unit_check checks[] = {
	{ "kensa needs URLs for tests", kensa_needs_urls_for_tests },
	{ "others must not read the file", others_must_not_read_the_file },
	{ "a file that is missing is an error",
	  a_file_that_is_missing_is_an_error },
	{ "the line of a typo is found", the_line_of_a_typo_is_found },
};

int main(void)
{
	UNIT_ROWS(sounds, manifest_is_clean);
	UNIT_ROWS(faults, fault_is_found);
	UNIT_CHECKS(checks);
	return unit_run("manifest_lint");
}
