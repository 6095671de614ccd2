#include "lib/addons.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/addon.h"
#include "lib/arena.h"
#include "lib/dialect.h"
#include "lib/watch.h"

/* One reading of all homes. */
struct reading {
	struct addons *addons;
	addons_complete *complete;
	struct addons *before;
};

/* ---- what was in force before ---- */

/* The valid add-on that a home held before, or NULL. */
static struct addon **find_before(const struct reading *r, const char *home)
{
	for (int i = 0; r->before && i < r->before->count; i++) {
		struct addon *addon = r->before->list[i];

		if (addon && addon->is_valid && strcmp(addon->home, home) == 0)
			return &r->before->list[i];
	}
	return NULL;
}

/* Let what was in force before take the place of an add-on, if it can. */
static void fall_back(const struct reading *r, struct addon **place)
{
	struct addon **before = find_before(r, (*place)->home);

	if (!before)
		return;
	addon_close(*place);
	*place = *before;
	*before = NULL;
}

/* ---- add-ons that cannot be told apart ---- */

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

/* Nobody could tell whose a call is, or whose a row.  One that was in force
 * before is not taken down by a newcomer. */
static void refuse_twins(const struct reading *r, struct addon *a,
			 struct addon *b)
{
	bool was_a = find_before(r, a->home), was_b = find_before(r, b->home);

	if (!is_same_addon(a, b) && !answers_same_calls(a, b))
		return;
	if (!was_a || was_b)
		a->is_valid = false;
	if (!was_b || was_a)
		b->is_valid = false;
	finding_error(&r->addons->findings,
		      "%s and %s: both are \"%s\": an id can be had once per "
		      "marketplace and path, remove one",
		      a->home, b->home, a->id);
}

/* ---- reading ---- */

static void read_home(const struct reading *r, const char *marketplace,
		      const char *home)
{
	struct addons *addons = r->addons;
	int errors = addons->findings.errors;
	struct addon *addon =
		addon_open(home, marketplace, addons->watch, &addons->findings);

	if (addons->findings.errors == errors)
		r->complete(addon, &addons->findings);
	addon->is_valid = addons->findings.errors == errors;
	addons->list[addons->count++] = addon;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The folders in folder, sorted by name; their number, or -1 when it cannot be
 * read. */
static int list_folders(struct addons *addons, const char *folder,
			const char ***paths, const char ***names)
{
	struct arena *arena = addons->arena;
	struct dirent **entries;
	int count, folders = 0;

	watch_add(addons->watch, folder);
	count = scandir(folder, &entries, is_visible, alphasort);
	if (count < 0) {
		finding_error(&addons->findings, "%s: cannot be read (%s): make it a folder that the "
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

		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
			(*paths)[folders] = path;
			(*names)[folders++] = name;
		}
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

/* Make room for more add-ons behind those there are. */
static void make_room(struct addons *addons, int more)
{
	struct addon **list = arena_alloc(
		addons->arena, (size_t)(addons->count + more) * sizeof *list);

	for (int i = 0; i < addons->count; i++)
		list[i] = addons->list[i];
	addons->list = list;
}

static void read_marketplace(const struct reading *r, const char *folder,
			     const char *name)
{
	const char **homes, **names;
	int count;

	if (!is_marketplace(name)) {
		finding_error(&r->addons->findings,
			      "%s: provisor knows no marketplace of this name: "
			      "rename or remove it",
			      folder);
		r->addons->unreadable++;
		return;
	}
	count = list_folders(r->addons, folder, &homes, &names);
	if (count < 0) {
		r->addons->unreadable++;
		return;
	}
	make_room(r->addons, count);
	for (int i = 0; i < count; i++)
		read_home(r, name, homes[i]);
}

static struct addons *create(void)
{
	struct arena *arena = arena_create();
	struct addons *addons = arena_alloc(arena, sizeof *addons);

	addons->arena = arena;
	addons->findings.arena = arena;
	addons->watch = watch_create(arena);
	return addons;
}

/* Judge the add-ons together, now that all are read. */
static void settle(const struct reading *r)
{
	struct addons *addons = r->addons;

	for (int i = 0; i < addons->count; i++)
		for (int k = i + 1; k < addons->count; k++)
			refuse_twins(r, addons->list[i], addons->list[k]);
	for (int i = 0; i < addons->count; i++) {
		struct addon **place = &addons->list[i];

		if (!(*place)->is_valid)
			fall_back(r, place);
		if (!(*place)->id || (*place)->resources.count == 0)
			addons->unreadable++;
	}
}

struct addons *addons_open(const char *folder, addons_complete *complete,
			   struct addons *before)
{
	const struct reading r = { create(), complete, before };
	const char **folders, **names;
	int count = list_folders(r.addons, folder, &folders, &names);

	for (int i = 0; i < count; i++)
		read_marketplace(&r, folders[i], names[i]);
	if (count < 0 && before) {
		/* As if each home were there still, and broken. */
		make_room(r.addons, before->count);
		while (before->count > 0)
			r.addons->list[r.addons->count++] =
				before->list[--before->count];
	}
	settle(&r);
	if (before)
		addons_close(before);
	return r.addons;
}

void addons_close(struct addons *addons)
{
	for (int i = 0; i < addons->count; i++)
		if (addons->list[i])
			addon_close(addons->list[i]);
	arena_destroy(addons->arena);
}

bool addons_have_changed(const struct addons *addons)
{
	return watch_has_changed(addons->watch);
}

int addons_count_valid(const struct addons *addons)
{
	int valid = 0;

	for (int i = 0; i < addons->count; i++)
		valid += addons->list[i]->is_valid;
	return valid;
}
