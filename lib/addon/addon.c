#include "lib/addon/addon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/base/file_watch.h"

enum { LARGEST_FILE = 1024 * 1024, SHORTEST_SECRET = 8, GOOD_SECRET = 16 };

static const int64_t default_session = INT64_C(8) * 60 * 60 * 1000; /* ms */

/* ---- for the readers of the home's files ---- */

void addon_take_secret(struct addon_secrets *secrets, struct arena *arena,
		       const char *value, const char *where,
		       struct findings *findings)
{
	/* Printed in generators, documentation and examples. */
	static const char *const known[] = {
		"CHANGEME",
		"super-secret",
		"2f97bfa52ca102f8874716e2eb1d3b4920ad0be4",
		"zPzckKkGf3XiJaD0",
	};
	const char **values;

	for (size_t i = 0; i < COUNT(known); i++) {
		if (strcmp(value, known[i]) != 0)
			continue;
		finding_error(findings,
			      "%s is a sample that everybody knows: put a "
			      "random text of 32 characters there",
			      where);
		return;
	}
	if (strlen(value) < SHORTEST_SECRET) {
		finding_error(findings,
			      "%s is shorter than 8 characters: put a random "
			      "text of 32 characters there",
			      where);
		return;
	}
	if (strlen(value) < GOOD_SECRET)
		finding_warning(findings,
				"%s is shorter than 16 characters: better put "
				"a random text of 32 characters there",
				where);
	values = arena_alloc(arena,
			     ((size_t)secrets->count + 1) * sizeof *values);
	for (int i = 0; i < secrets->count; i++)
		values[i] = secrets->values[i];
	values[secrets->count++] = value;
	secrets->values = values;
}

const char *addon_read_text(struct arena *arena, const char *path,
			    const char *where, size_t *length,
			    struct findings *findings)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(
			findings,
			"%s: cannot be read (%s): put it there, readable for "
			"the pools' user",
			where, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
		finding_error(findings, "%s: must be a file of at most 1 MiB",
			      where);
	} else {
		text = arena_alloc(arena, (size_t)status.st_size + 1);
		*length = fread(text, 1, (size_t)status.st_size, file);
	}
	if (file)
		fclose(file);
	return text;
}

const struct json *addon_read_file(struct arena *arena, const char *path,
				   struct findings *findings)
{
	size_t length;
	const char *text =
		addon_read_text(arena, path, path, &length, findings);
	const struct json *document;
	const char *why;

	if (!text)
		return NULL;
	document = json_parse(arena, text, length, &why);
	if (!document)
		finding_error(findings,
			      "%s: is not proper JSON: %s: correct it", path,
			      why);
	else if (!json_is_object(document))
		finding_error(findings, "%s: must hold a JSON object", path);
	return json_is_object(document) ? document : NULL;
}

void addon_refuse_unknown(const char *file, const char *within,
			  const struct json *object, const char *const names[],
			  size_t count, struct findings *findings)
{
	const struct json *member;

	for (member = json_first(object); member; member = json_next(member)) {
		size_t i = 0;

		while (i < count && strcmp(json_name(member), names[i]) != 0)
			i++;
		if (i == count)
			finding_error(findings,
				      "%s: %s%s is unknown: correct its "
				      "spelling, or remove it",
				      file, within, json_name(member));
	}
}

/* ---- plans and config vars ---- */

static bool has_text(const struct json *list, const char *text)
{
	const struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry))
		if (json_text(entry) && strcmp(json_text(entry), text) == 0)
			return true;
	return false;
}

bool addon_allows_plan(const struct addon *addon, const char *from,
		       const char *plan, const char **complaint)
{
	const struct json *to;

	if (!addon->plans || (from && strcmp(from, plan) == 0))
		return true;
	if (!json_member(addon->plans, plan)) {
		*complaint = "There is no such plan.";
		return false;
	}
	to = from ? json_member(json_member(addon->plans, from), "to") : NULL;
	if (to && !has_text(to, plan)) {
		*complaint =
			"This plan cannot be changed to the one asked for.";
		return false;
	}
	return true;
}

const char *addon_dashboard(const struct addon *addon, struct arena *arena,
			    const char *id)
{
	static const char place[] = "${id}";
	const char *rest = addon->dashboard;
	const char *url = rest ? "" : NULL;

	while (rest && *rest) {
		const char *at = strstr(rest, place);
		size_t length = at ? (size_t)(at - rest) : strlen(rest);

		url = arena_printf(arena, "%s%.*s%s", url, (int)length, rest,
				   at ? percent_encode(arena, id) : "");
		rest += length + (at ? strlen(place) : 0);
	}
	return url;
}

bool addon_may_call(const struct addon *addon)
{
	return addon->dialect->may_promise && addon->client_secret;
}

bool addon_declares(const struct addon *addon, const char *name)
{
	return has_text(addon->config_vars, name);
}

/* ---- homes ---- */

static bool has_file(const struct addon *addon, const char *name)
{
	struct stat status;

	return stat(arena_printf(addon->arena, "%s/%s", addon->home, name),
		    &status)
		== 0;
}

static void find_listener(struct addon *addon, struct findings *findings)
{
	static const struct {
		enum addon_listener kind;
		const char *name;
	} kinds[] = {
		{ ADDON_TEMPLATE, "template.json" },
		{ ADDON_EXEC, "hooks" },
		{ ADDON_SO, "listener.so" },
	};
	const char *found = NULL;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!has_file(addon, kinds[i].name))
			continue;
		if (found)
			finding_error(findings,
				      "%s: has both %s and %s: a home has one "
				      "listener, remove the others",
				      addon->home, found, kinds[i].name);
		found = kinds[i].name;
		addon->listener = kinds[i].kind;
	}
	if (!found && has_file(addon, "listener.c"))
		finding_error(findings,
			      "%s: has listener.c and no listener.so: build it "
			      "there with cc -shared -fPIC -o listener.so "
			      "listener.c",
			      addon->home);
	else if (!found)
		finding_error(findings,
			      "%s: has no listener: add template.json, hooks/ "
			      "or listener.so",
			      addon->home);
}

struct addon *addon_open(const char *home, const char *marketplace,
			 struct file_watch *watch, struct findings *findings)
{
	static const char *const files[] = {
		"addon-manifest.json", "settings.json",
		"template.json",       "hooks",
		"hooks/provision",     "hooks/change-plan",
		"hooks/deprovision",   "hooks/sign-on",
		"hooks/rotate",        "listener.so",
	};
	struct arena *arena = arena_create();
	struct addon *addon = arena_alloc(arena, sizeof *addon);

	addon->arena = arena;
	addon->home = arena_strdup(arena, home);
	addon->session = default_session;
	file_watch_add(watch, home);
	for (size_t i = 0; i < COUNT(files); i++)
		file_watch_add(watch,
			       arena_printf(arena, "%s/%s", home, files[i]));
	addon_read_manifest(addon, marketplace, findings);
	addon_read_settings(addon, watch, findings);
	find_listener(addon, findings);
	return addon;
}

void addon_close(struct addon *addon)
{
	arena_destroy(addon->arena);
}
