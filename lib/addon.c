#include "lib/addon.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/arena.h"
#include "lib/base.h"
#include "lib/dialect.h"
#include "lib/finding.h"
#include "lib/json.h"

enum { LARGEST_FILE = 1024 * 1024, SHORTEST_SECRET = 8, GOOD_SECRET = 16 };

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

static const char *read_whole(struct arena *arena, const char *path,
			      size_t *length, struct findings *findings)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(findings, "%s: cannot be read: %s", path,
			      strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
		finding_error(findings, "%s: must be a file of at most 1 MiB",
			      path);
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
	const char *text = read_whole(arena, path, &length, findings);
	const struct json *document;
	const char *why;

	if (!text)
		return NULL;
	document = json_parse(arena, text, length, &why);
	if (!document)
		finding_error(findings, "%s: is not proper JSON: %s", path,
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

bool addon_declares(const struct addon *addon, const char *name)
{
	return has_text(addon->config_vars, name);
}

/* ---- homes ---- */

static bool exists(struct arena *arena, const char *home, const char *name)
{
	struct stat status;

	return stat(arena_printf(arena, "%s/%s", home, name), &status) == 0;
}

static void find_listener(struct addon *addon, struct arena *arena,
			  struct findings *findings)
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
		if (!exists(arena, addon->home, kinds[i].name))
			continue;
		if (found)
			finding_error(findings,
				      "%s: has both %s and %s: a home has one "
				      "listener, remove the others",
				      addon->home, found, kinds[i].name);
		found = kinds[i].name;
		addon->listener = kinds[i].kind;
	}
	if (!found)
		finding_error(findings,
			      "%s: has no listener: add template.json, hooks/ "
			      "or listener.so",
			      addon->home);
}

static void read_home(struct addons *addons, const char *marketplace,
		      const char *home, struct findings *findings)
{
	struct addon *addon = &addons->list[addons->count++];
	int errors = findings->errors;

	addon->home = home;
	addon_read_manifest(addon, addons->arena, marketplace, findings);
	addon_read_settings(addon, addons->arena, findings);
	find_listener(addon, addons->arena, findings);
	addon->is_valid = findings->errors == errors;
	if (!addon->id || addon->resources.count == 0)
		addons->unreadable++;
}

static bool is_same_addon(const struct addon *a, const struct addon *b)
{
	return a->id && b->id && a->dialect && b->dialect
		&& strcmp(a->id, b->id) == 0
		&& strcmp(a->dialect->marketplace, b->dialect->marketplace)
		== 0;
}

static bool answers_same_calls(const struct addon *a, const struct addon *b)
{
	return a->id && b->id && strcmp(a->id, b->id) == 0
		&& a->resources.count > 0
		&& path_equal(&a->resources, &b->resources);
}

/* Nobody could tell whose a call is, or whose a row. */
static void refuse_twins(struct addons *addons, struct findings *findings)
{
	for (int i = 0; i < addons->count; i++)
		for (int k = i + 1; k < addons->count; k++) {
			struct addon *a = &addons->list[i];
			struct addon *b = &addons->list[k];

			if (!is_same_addon(a, b) && !answers_same_calls(a, b))
				continue;
			a->is_valid = b->is_valid = false;
			finding_error(findings,
				      "%s and %s: both are \"%s\": an id can "
				      "be had once per marketplace and path, "
				      "remove one",
				      a->home, b->home, a->id);
		}
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The folders in folder, sorted by name.  -1 when it cannot be read. */
static int list_folders(struct arena *arena, const char *folder,
			const char ***names)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, alphasort);
	int folders = 0;

	if (count < 0)
		return -1;
	*names = arena_alloc(arena, (size_t)count * sizeof **names);
	for (int i = 0; i < count; i++) {
		struct stat status;
		const char *name = arena_strdup(arena, entries[i]->d_name);

		if (stat(arena_printf(arena, "%s/%s", folder, name), &status)
			    == 0
		    && S_ISDIR(status.st_mode))
			(*names)[folders++] = name;
		free(entries[i]);
	}
	free(entries);
	return folders;
}

static bool is_marketplace(const char *name)
{
	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->marketplace, name) == 0)
			return true;
	return false;
}

static void read_marketplace(struct addons *addons, const char *folder,
			     const char *marketplace, struct findings *findings)
{
	const char *path =
		arena_printf(addons->arena, "%s/%s", folder, marketplace);
	const char **names;
	struct addon *list;
	int homes;

	if (!is_marketplace(marketplace)) {
		finding_error(findings,
			      "%s: provisor knows no marketplace of this name: "
			      "rename or remove it",
			      path);
		addons->unreadable++;
		return;
	}
	homes = list_folders(addons->arena, path, &names);
	if (homes < 0) {
		finding_error(findings, "%s: cannot be read: %s", path,
			      strerror(errno));
		addons->unreadable++;
		return;
	}
	list = arena_alloc(addons->arena,
			   (size_t)(addons->count + homes) * sizeof *list);
	if (addons->count > 0)
		memcpy(list, addons->list,
		       (size_t)addons->count * sizeof *list);
	addons->list = list;
	for (int i = 0; i < homes; i++)
		read_home(addons, marketplace,
			  arena_printf(addons->arena, "%s/%s", path, names[i]),
			  findings);
}

struct addons *addons_open(const char *folder, struct findings *findings)
{
	struct arena *arena = arena_create();
	struct addons *addons = arena_alloc(arena, sizeof *addons);
	const char **marketplaces;
	int count = list_folders(arena, folder, &marketplaces);

	addons->arena = arena;
	if (count < 0) {
		finding_error(findings,
			      "%s: cannot be read (%s): it holds the add-ons' "
			      "homes",
			      folder, strerror(errno));
		addons_close(addons);
		return NULL;
	}
	for (int i = 0; i < count; i++)
		read_marketplace(addons, folder, marketplaces[i], findings);
	refuse_twins(addons, findings);
	return addons;
}

void addons_close(struct addons *addons)
{
	if (addons)
		arena_destroy(addons->arena);
}
