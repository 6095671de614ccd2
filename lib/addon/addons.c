#include "lib/addon/addons.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addon_twins.h"
#include "lib/addon/home.h"
#include "lib/addon/previous_addons.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/dialect/dialect.h"

static void read_home(const struct addons_reading *r, const char *marketplace,
		      const char *home)
{
	struct addons *addons = r->addons;
	int errors = addons->findings.errors;
	int warnings = addons->findings.warnings;
	struct addon *addon;

	if (previous_addon_take_unchanged(r, home))
		return;
	addon = home_open(home, marketplace, &addons->findings);
	if (addons->findings.errors == errors)
		r->complete(addon, &addons->findings);
	addon->is_valid = addons->findings.errors == errors;
	addon->has_findings =
		!addon->is_valid || addons->findings.warnings > warnings;
	addons->list[addons->count++] = addon;
}

static int is_visible_entry(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* List the folders in folder, sorted by name.  Return their number, or -1 if
 * folder cannot be read. */
static int list_folders(struct addons *addons, const char *folder,
			const char ***paths, const char ***names)
{
	struct arena *arena = addons->arena;
	struct dirent **entries;
	int count, folders = 0;

	file_watch_add(addons->folders, folder);
	count = scandir(folder, &entries, is_visible_entry, alphasort);
	if (count < 0) {
		finding_error(
			&addons->findings,
			"%s: cannot be read (%s): make it a folder that the "
			"pools' user may enter and list",
			folder, strerror(errno));
		return -1;
	}
	*paths = arena_alloc(arena, (size_t)count * sizeof **paths);
	*names = arena_alloc(arena, (size_t)count * sizeof **names);
	for (int i = 0; i < count; i++) {
		struct stat status;
		const char *name = arena_strdup(arena, entries[i]->d_name);
		const char *path = arena_printf(arena, "%s/%s", folder, name);

		if (stat(path, &status) != 0) {
			/* The target of a link may appear later. */
			file_watch_add(addons->folders, path);
		} else if (S_ISDIR(status.st_mode)) {
			(*paths)[folders] = path;
			(*names)[folders++] = name;
		}
		free(entries[i]);
	}
	free(entries);
	return folders;
}

static bool is_known_marketplace(const char *name)
{
	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->marketplace, name) == 0)
			return true;
	return false;
}

static void read_marketplace(const struct addons_reading *r, const char *folder,
			     const char *name)
{
	const char **homes, **names;
	int count;

	if (!is_known_marketplace(name)) {
		finding_error(&r->addons->findings,
			      "%s: is not the name of a marketplace that "
			      "provisor knows: rename or remove it",
			      folder);
		r->addons->unreadable++;
		return;
	}
	count = list_folders(r->addons, folder, &homes, &names);
	if (count < 0) {
		previous_addons_keep_in(r, folder);
		return;
	}
	addons_reserve(r->addons, count);
	for (int i = 0; i < count; i++)
		read_home(r, name, homes[i]);
}

static struct addons *create_addons(void)
{
	struct arena *arena = arena_create();
	struct addons *addons = arena_alloc(arena, sizeof *addons);

	addons->arena = arena;
	addons->findings.arena = arena;
	addons->folders = file_watch_open();
	return addons;
}

/* Return true if a call may be for this add-on without being recognized. */
static bool may_hide_calls(const struct addon *addon)
{
	if (addon->dialect && addon->dialect->is_direct)
		return !addon->id;
	return !addon->id || !addon->user || addon->resources.count == 0;
}

/* Decide which add-ons are in force. */
static void choose_addons(const struct addons_reading *r)
{
	struct addons *addons = r->addons;

	addon_twins_refuse(r);
	previous_addons_keep_missing(r);
	addons_index(addons);
	for (int i = 0; i < addons->count; i++)
		if (may_hide_calls(addons->list[i]))
			addons->unreadable++;
}

struct addons *addons_open(const char *folder,
			   void (*complete)(struct addon *addon,
					    struct findings *found),
			   struct addons *before)
{
	const struct addons_reading r = { create_addons(), complete, before };
	const char **folders, **names;
	int count = list_folders(r.addons, folder, &folders, &names);

	for (int i = 0; i < count; i++)
		read_marketplace(&r, folders[i], names[i]);
	if (count < 0)
		previous_addons_keep_in(&r, folder);
	choose_addons(&r);
	if (before)
		addons_close(before);
	return r.addons;
}

void addons_close(struct addons *addons)
{
	for (int i = 0; i < addons->count; i++)
		if (addons->list[i])
			home_close(addons->list[i]);
	file_watch_close(addons->folders);
	arena_destroy(addons->arena);
}

bool addons_have_changed(const struct addons *addons)
{
	for (int i = 0; i < addons->count; i++) {
		const struct file_watch *files = addons->list[i]->files;

		if (files && file_watch_has_changed(files))
			return true;
	}
	return file_watch_has_changed(addons->folders);
}

void addons_notify(const struct addons *addons, struct file_notice *notice)
{
	file_watch_notify(addons->folders, notice);
	for (int i = 0; i < addons->count; i++)
		if (addons->list[i]->files)
			file_watch_notify(addons->list[i]->files, notice);
}

/* ---- add-ons that share a salt ---- */

static bool share_salt(const struct addon *a, const struct addon *b)
{
	for (int i = 0; i < a->salts.count; i++)
		for (int k = 0; k < b->salts.count; k++)
			if (strcmp(a->salts.values[i], b->salts.values[k]) == 0)
				return true;
	return false;
}

void addons_warn_of_shared_salts(struct addons *addons)
{
	struct addon **list = addons->list;

	for (int i = 0; i < addons->count; i++)
		for (int k = i + 1; k < addons->count; k++)
			if (share_salt(list[i], list[k]))
				finding_warning(
					&addons->findings,
					"%s and %s: have the same "
					"api.sso_salt: use another one in one "
					"of them, because a sign-on is refused "
					"if both have its resource",
					list[i]->home, list[k]->home);
}

static bool has_origins(const char *list, const char *origins)
{
	const char *found = list ? strstr(list, origins) : NULL;
	size_t length = strlen(origins);

	while (found
	       && ((found > list && found[-1] != ' ')
		   || (found[length] && found[length] != ' ')))
		found = strstr(found + 1, origins);
	return found;
}

const char *addons_framing_origins(const struct addons *addons,
				   struct arena *arena)
{
	const char *list = NULL;

	for (int i = 0; i < addons->count; i++) {
		const char *origins = addons->list[i]->framed_by;

		if (!origins || has_origins(list, origins))
			continue;
		list = list ? arena_join(arena, list, " ", origins) : origins;
	}
	return list;
}

int addons_count_valid(const struct addons *addons)
{
	int valid = 0;

	for (int i = 0; i < addons->count; i++)
		valid += addons->list[i]->is_valid;
	return valid;
}
