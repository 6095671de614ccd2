/*
 * homes.h - homes of add-ons in the folder of files.h.
 *
 * A test begins with a manifest that Heroku's command line has written, and
 * replaces one text in it.
 */
#ifndef HOMES_H
#define HOMES_H

#include "files.h"

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"

#define HOMES_PASSWORD "Vn7cq0mCzXbTfRw2eYhLk9sPdUaGj4No"
#define HOMES_SALT "Wd3rYt8bGm5xNq1vKz6hLc9fJs2pXe7A"

/* The output of "heroku addons:admin:manifest:generate" after a push. */
static const char homes_v3[] =
	"{\n"
	"  \"id\": \"fast-db\",\n"
	"  \"name\": \"Fast DB\",\n"
	"  \"api\": {\n"
	"    \"config_vars_prefix\": \"FAST_DB\",\n"
	"    \"config_vars\": [\n"
	"      \"FAST_DB_URL\"\n"
	"    ],\n"
	"    \"password\": \"" HOMES_PASSWORD "\",\n"
	"    \"sso_salt\": \"" HOMES_SALT "\",\n"
	"    \"regions\": [\n"
	"      \"us\",\n"
	"      \"eu\"\n"
	"    ],\n"
	"    \"requires\": [],\n"
	"    \"production\": {\n"
	"      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	"      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	"    },\n"
	"    \"version\": \"3\"\n"
	"  },\n"
	"  \"$base\": 152951532282013\n"
	"}\n";

/* The output of "kensa init". */
static const char homes_v1[] =
	"{\n"
	"  \"id\": \"fast-db\",\n"
	"  \"api\": {\n"
	"    \"config_vars\": [ \"FAST_DB_URL\" ],\n"
	"    \"regions\": [ \"us\" ],\n"
	"    \"password\": \"" HOMES_PASSWORD "\",\n"
	"    \"sso_salt\": \"" HOMES_SALT "\",\n"
	"    \"production\": {\n"
	"      \"base_url\": \"https://fast-db.example/heroku/resources\",\n"
	"      \"sso_url\": \"https://fast-db.example/sso/login\"\n"
	"    },\n"
	"    \"test\": {\n"
	"      \"base_url\": \"http://localhost:4567/heroku/resources\",\n"
	"      \"sso_url\": \"http://localhost:4567/sso/login\"\n"
	"    }\n"
	"  }\n"
	"}\n";

/* As Clever Cloud's documentation has it. */
static const char homes_clever_cloud[] =
	"{\n"
	"  \"id\": \"fast-db\",\n"
	"  \"name\": \"Fast DB\",\n"
	"  \"api\": {\n"
	"    \"config_vars\": [ \"FAST_DB_URL\" ],\n"
	"    \"regions\": [ \"eu\" ],\n"
	"    \"password\": \"" HOMES_PASSWORD "\",\n"
	"    \"sso_salt\": \"" HOMES_SALT "\",\n"
	"    \"production\": {\n"
	"      \"base_url\": \"https://fast-db.example/clever-cloud/resources\",\n"
	"      \"sso_url\": \"https://fast-db.example/sso/clever-cloud\"\n"
	"    },\n"
	"    \"test\": {\n"
	"      \"base_url\": \"https://fast-db.example/clever-cloud/resources\",\n"
	"      \"sso_url\": \"https://fast-db.example/sso/clever-cloud\"\n"
	"    }\n"
	"  }\n"
	"}\n";

/* As Scalingo's documentation has it. */
static const char homes_scalingo[] =
	"{\n"
	"  \"name\": \"Fast DB\",\n"
	"  \"username\": \"fast-db-user\",\n"
	"  \"password\": \"" HOMES_PASSWORD "\",\n"
	"  \"sso_salt\": \"" HOMES_SALT "\",\n"
	"  \"logo_url\": \"https://fast-db.example/logo.svg\",\n"
	"  \"short_description\": \"Databases\",\n"
	"  \"description\": \"Databases that are *fast*\",\n"
	"  \"log_drain\": false,\n"
	"  \"config_vars\": [ \"FAST_DB_URL\" ],\n"
	"  \"production\": {\n"
	"    \"base_url\": \"https://fast-db.example/scalingo/resources\",\n"
	"    \"sso_url\": \"https://fast-db.example/sso/scalingo\"\n"
	"  },\n"
	"  \"test\": {\n"
	"    \"base_url\": \"https://test.fast-db.example/scalingo/resources\",\n"
	"    \"sso_url\": \"https://test.fast-db.example/sso/scalingo\"\n"
	"  },\n"
	"  \"plans\": [\n"
	"    { \"name\": \"basic\", \"display_name\": \"Basic\",\n"
	"      \"price\": 10, \"description\": \"Small\" },\n"
	"    { \"name\": \"premium\", \"display_name\": \"Premium\",\n"
	"      \"price\": 20, \"description\": \"Large\" }\n"
	"  ]\n"
	"}\n";

/* DigitalOcean keeps these in its portal, and the vendor writes them down. */
static const char homes_digitalocean[] =
	"{\n"
	"  \"slug\": \"fast-db\",\n"
	"  \"password\": \"" HOMES_PASSWORD "\",\n"
	"  \"sso_salt\": \"" HOMES_SALT "\",\n"
	"  \"config_vars\": [ \"URL\" ],\n"
	"  \"plans\": [ \"basic\", \"premium\" ],\n"
	"  \"production\": {\n"
	"    \"base_url\": \"https://fast-db.example\",\n"
	"    \"sso_url\": \"https://fast-db.example/digitalocean/sso\"\n"
	"  }\n"
	"}\n";

/* Replace found, which occurs once in text, with put.  A NULL found changes
 * nothing. */
static inline const char *homes_replace(const char *text, const char *found,
					const char *put)
{
	const char *at;

	if (!found)
		return text;
	at = strstr(text, found);
	if (!at || strstr(at + 1, found))
		fail_msg("\"%s\" is not there exactly once", found);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, put,
			    at + strlen(found));
}

/* Remove all homes. */
static inline void homes_clear(void)
{
	files_remove(files_path("addons"));
	mkdir(files_path("addons"), 0700);
}

/* Write a file of a home; home is MARKETPLACE/NAME. */
static inline void homes_write(const char *home, const char *file,
			       const char *content)
{
	files_write(arena_printf(arena, "addons/%s/%s", home, file), content);
}

/* Write a home with this manifest and a template. */
static inline void homes_add(const char *home, const char *manifest)
{
	homes_write(home, "addon-manifest.json", manifest);
	homes_write(home, "template.json", "{}");
}

/* The add-ons of the running test. */
static struct addons *homes_addons;

static inline void homes_close(void *unused)
{
	(void)unused;
	if (homes_addons)
		addons_close(homes_addons);
	homes_addons = NULL;
}

/* Complete a home, which needs nothing. */
static inline void homes_complete(struct addon *addon, struct findings *found)
{
	(void)addon;
	(void)found;
}

/* Read all homes again.  The last result was in force before.  The test's
 * findings are those of this reading. */
static inline struct addons *homes_reopen(void)
{
	homes_addons =
		addons_open(files_path("addons"), homes_complete, homes_addons);
	findings = homes_addons->findings;
	return homes_addons;
}

/* Read all homes; none was in force before.  They are closed at the end of the
 * test. */
static inline struct addons *homes_open(void)
{
	homes_close(NULL);
	arena_defer(arena, homes_close, NULL);
	return homes_reopen();
}

/* Read the only home. */
static inline const struct addon *homes_open_one(void)
{
	struct addons *addons = homes_open();

	assert_int_equal(addons->count, 1);
	return addons->list[0];
}

/* Assert that there is one error, which names file, field and remedy, and that
 * no finding quotes a secret. */
static inline void homes_assert_error(const char *file, const char *field,
				      const char *remedy)
{
	const char *found = unit_findings();

	if (findings.errors != 1)
		fail_msg("%d errors: %s", findings.errors, found);
	assert_contains(found, file);
	assert_contains(found, field);
	assert_contains(found, remedy);
	assert_lacks(found, HOMES_PASSWORD);
	assert_lacks(found, HOMES_SALT);
}

#endif
