#include "lib/addon/addons.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/dialect/dialect.h"

struct reading {
	struct addons *addons;
	void (*complete)(struct addon *addon, struct findings *findings);
	struct addons *before;
};

/* ---- the previous set ---- */

/* Return the place of a home's valid add-on in the previous set, or NULL. */
static struct addon **find_addon_before(const struct reading *r,
					const char *home)
{
	struct addon **place =
		r->before ? addons_find_home(r->before, home) : NULL;

	return place && *place && (*place)->is_valid ? place : NULL;
}

/* Move an add-on out of the previous set. */
static void take_over(struct addon **before, struct addon **place)
{
	(*before)->has_stayed = true;
	*place = *before;
	*before = NULL;
}

/* Replace an add-on with its previous version, if it has one.  Its files are
 * those of the version that was refused. */
static bool restore_addon(const struct reading *r, struct addon **place)
{
	struct addon **before = find_addon_before(r, (*place)->home);
	struct addon *restored;

	if (!before)
		return false;
	restored = *before;
	file_watch_close(restored->files);
	restored->files = (*place)->files;
	restored->has_findings = true;
	(*place)->files = NULL;
	home_close(*place);
	take_over(before, place);
	return true;
}

/* Add an add-on of the previous set whose files are missing. */
static void keep_addon(const struct reading *r, struct addon **before)
{
	struct addon *addon = *before;

	file_watch_close(addon->files);
	addon->files = NULL;
	take_over(before, &r->addons->list[r->addons->count++]);
}

/* ---- reading ---- */

/* Add the add-on of a home that is in force and has not changed. */
static bool take_unchanged_home(const struct reading *r, const char *home)
{
	struct addon **before = find_addon_before(r, home);

	if (!before || (*before)->has_findings || !(*before)->files
	    || file_watch_has_changed((*before)->files))
		return false;
	take_over(before, &r->addons->list[r->addons->count++]);
	return true;
}

static void read_home(const struct reading *r, const char *marketplace,
		      const char *home)
{
	struct addons *addons = r->addons;
	int errors = addons->findings.errors;
	int warnings = addons->findings.warnings;
	struct addon *addon;

	if (take_unchanged_home(r, home))
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
			/* The target of a link may come. */
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

static void reserve_addons(struct addons *addons, int more)
{
	struct addon **list = arena_alloc(
		addons->arena, (size_t)(addons->count + more) * sizeof *list);

	for (int i = 0; i < addons->count; i++)
		list[i] = addons->list[i];
	addons->list = list;
}

/* Keep the add-ons of a folder that can no longer be read. */
static void keep_addons_in(const struct reading *r, const char *folder)
{
	size_t length = strlen(folder);

	reserve_addons(r->addons, r->before ? r->before->count : 0);
	for (int i = 0; r->before && i < r->before->count; i++) {
		struct addon **before = &r->before->list[i];

		if (!*before || strncmp((*before)->home, folder, length) != 0
		    || (*before)->home[length] != '/')
			continue;
		keep_addon(r, before);
	}
	if (!r->before)
		r->addons->unreadable++;
}

static void read_marketplace(const struct reading *r, const char *folder,
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
		keep_addons_in(r, folder);
		return;
	}
	reserve_addons(r->addons, count);
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

/* ---- add-ons that cannot be distinguished ---- */

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
		&& url_path_equal(&a->resources, &b->resources);
}

/* Return true if the add-on's home already had its id in the previous set. */
static bool owns_its_id(const struct reading *r, const struct addon *addon)
{
	struct addon **before = find_addon_before(r, addon->home);

	return addon->has_stayed || (before && is_same_addon(*before, addon));
}

/* Mark an add-on as invalid.  Return true if it was valid until now. */
static bool refuse_addon(struct addon *addon)
{
	bool was_valid = addon->is_valid;

	addon->is_valid = false;
	return was_valid;
}

/* Refuse two add-ons that would get the same calls or own the same rows.
 * Return true if this has made one of them invalid. */
static bool refuse_twins(const struct reading *r, const bool *owns, int i,
			 int k)
{
	struct addon *a = r->addons->list[i], *b = r->addons->list[k];
	bool has_refused = false;

	if (!is_same_addon(a, b) && !answers_same_calls(a, b))
		return false;
	if (!owns[i] || owns[k])
		has_refused |= refuse_addon(a);
	if (!owns[k] || owns[i])
		has_refused |= refuse_addon(b);
	if (has_refused)
		finding_error(&r->addons->findings,
			      "%s and %s: both have the id \"%s\", which must "
			      "be unique per marketplace and path: change or "
			      "remove one",
			      a->home, b->home, a->id);
	return has_refused;
}

/* Check each add-on against the later ones with its id.  Return true if this
 * has changed one. */
static bool refuse_all_twins(const struct reading *r, const bool *owns)
{
	struct addons *addons = r->addons;
	bool has_changed = false;

	addons_index(addons);
	for (int i = 0; i < addons->count; i++) {
		const char *id = addons->list[i]->id;
		const struct name_entry *entry =
			id ? addons_first(addons, id) : NULL;

		for (; entry; entry = name_map_next(entry)) {
			const struct addon *twin = entry->value;
			int k = (int)(addons_find_home(addons, twin->home)
				      - addons->list);

			if (k > i)
				has_changed |= refuse_twins(r, owns, i, k);
		}
	}
	return has_changed;
}

/* Check all add-ons once.  Return true if this has changed one. */
static bool judge_homes(const struct reading *r, bool *owns)
{
	struct addons *addons = r->addons;
	bool has_changed = false;

	for (int i = 0; i < addons->count; i++)
		if (!addons->list[i]->is_valid
		    && restore_addon(r, &addons->list[i]))
			has_changed = owns[i] = true;
	return refuse_all_twins(r, owns) || has_changed;
}

/* ---- missing homes ---- */

static bool is_addon_replaced(const struct addons *addons,
			      const struct addon *before)
{
	return addons_find(addons, before->dialect->marketplace, before->id);
}

/* Keep the add-ons in force whose homes have vanished: a home may be missing
 * for a moment while it is replaced, and its customers may not notice that. */
static void keep_missing_homes(const struct reading *r)
{
	struct addons *addons = r->addons;

	reserve_addons(addons, r->before ? r->before->count : 0);
	for (int i = 0; r->before && i < r->before->count; i++) {
		struct addon *addon = r->before->list[i];

		if (!addon || !addon->is_valid
		    || addons_find_home(addons, addon->home)
		    || is_addon_replaced(addons, addon))
			continue;
		addon->is_missing = true;
		keep_addon(r, &r->before->list[i]);
		finding_error(&addons->findings,
			      "%s: is missing, and %s stays in force as it "
			      "was: put the home back; if you have removed it "
			      "for good, run provisor reload",
			      addon->home, addon->id);
	}
}

/* A restored add-on may have the id of a new one, and a refused new one may be
 * restored, so repeat the check until nothing changes. */
static void settle_homes(const struct reading *r)
{
	struct addons *addons = r->addons;
	bool *owns = arena_alloc(addons->arena, (size_t)addons->count + 1);

	for (int i = 0; i < addons->count; i++)
		owns[i] = owns_its_id(r, addons->list[i]);
	while (judge_homes(r, owns))
		;
	keep_missing_homes(r);
	addons_index(addons);
	for (int i = 0; i < addons->count; i++)
		if (!addons->list[i]->id
		    || addons->list[i]->resources.count == 0)
			addons->unreadable++;
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
					"%s and %s: have the same api.sso_salt: "
					"use another one in one of them, "
					"because a sign-on whose resource both "
					"have is refused",
					list[i]->home, list[k]->home);
}

struct addons *addons_open(const char *folder,
			   void (*complete)(struct addon *addon,
					    struct findings *found),
			   struct addons *before)
{
	const struct reading r = { create_addons(), complete, before };
	const char **folders, **names;
	int count = list_folders(r.addons, folder, &folders, &names);

	for (int i = 0; i < count; i++)
		read_marketplace(&r, folders[i], names[i]);
	if (count < 0)
		keep_addons_in(&r, folder);
	settle_homes(&r);
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

int addons_count_valid(const struct addons *addons)
{
	int valid = 0;

	for (int i = 0; i < addons->count; i++)
		valid += addons->list[i]->is_valid;
	return valid;
}
