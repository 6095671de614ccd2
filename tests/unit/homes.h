/*
 * homes.h - add-ons' homes in the folder of files.h.
 *
 * A test says how its manifest differs from one that Heroku's command line
 * wrote, by a text that is found in it once and what is put there instead.
 */
#ifndef HOMES_H
#define HOMES_H

#include "files.h"

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"

#define HOMES_PASSWORD "Vn7cq0mCzXbTfRw2eYhLk9sPdUaGj4No"
#define HOMES_SALT "KtdFl80yzJvkEvq7bmJuQkuXKtV2nx6T"

/* What "heroku addons:admin:manifest:generate" writes, after a push. */
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

/* What "kensa init" writes. */
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

/* text with put in the one place where found is; found NULL: as it is. */
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

/* Begin without any home. */
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

/* A home whose manifest is this, with a template. */
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

/* What the homes would need beyond their files: nothing. */
static inline void homes_complete(struct addon *addon, struct findings *found)
{
	(void)addon;
	(void)found;
}

/* All homes again, what was in force being what homes_open() or this told
 * last.  The test's findings are those of this reading. */
static inline struct addons *homes_reopen(void)
{
	homes_addons =
		addons_open(files_path("addons"), homes_complete, homes_addons);
	findings = homes_addons->findings;
	return homes_addons;
}

/* All homes, none of which was in force; they live as long as the test. */
static inline struct addons *homes_open(void)
{
	homes_close(NULL);
	arena_defer(arena, homes_close, NULL);
	return homes_reopen();
}

/* The one home there is. */
static inline const struct addon *homes_open_one(void)
{
	struct addons *addons = homes_open();

	assert_int_equal(addons->count, 1);
	return addons->list[0];
}

/* One error has been found that says where, what and how to mend it; and no
 * finding tells a secret. */
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
