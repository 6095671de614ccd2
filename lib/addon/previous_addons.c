#include "lib/addon/previous_addons.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/dialect/dialect.h"

struct addon **previous_addon_find(const struct addons_reading *r,
				   const char *home)
{
	struct addon **place =
		r->before ? addons_find_home(r->before, home) : NULL;

	return place && *place && (*place)->is_valid ? place : NULL;
}

/* Move an add-on out of the previous set. */
static void take_previous_addon(struct addon **before, struct addon **place)
{
	(*before)->has_stayed = true;
	*place = *before;
	*before = NULL;
}

bool previous_addon_restore(const struct addons_reading *r,
			    struct addon **place)
{
	struct addon **before = previous_addon_find(r, (*place)->home);
	struct addon *restored;

	if (!before)
		return false;
	restored = *before;
	file_watch_close(restored->files);
	restored->files = (*place)->files;
	restored->has_findings = true;
	(*place)->files = NULL;
	home_close(*place);
	take_previous_addon(before, place);
	return true;
}

/* Add an add-on of the previous set whose files are missing. */
static void keep_previous_addon(const struct addons_reading *r,
				struct addon **before)
{
	struct addon *addon = *before;

	file_watch_close(addon->files);
	addon->files = NULL;
	take_previous_addon(before, &r->addons->list[r->addons->count++]);
}

void addons_reserve(struct addons *addons, int more)
{
	struct addon **list = arena_alloc(
		addons->arena, (size_t)(addons->count + more) * sizeof *list);

	for (int i = 0; i < addons->count; i++)
		list[i] = addons->list[i];
	addons->list = list;
}

bool previous_addon_take_unchanged(const struct addons_reading *r,
				   const char *home)
{
	struct addon **before = previous_addon_find(r, home);

	if (!before || (*before)->has_findings || !(*before)->files
	    || file_watch_has_changed((*before)->files))
		return false;
	take_previous_addon(before, &r->addons->list[r->addons->count++]);
	return true;
}

void previous_addons_keep_in(const struct addons_reading *r, const char *folder)
{
	size_t length = strlen(folder);

	addons_reserve(r->addons, r->before ? r->before->count : 0);
	for (int i = 0; r->before && i < r->before->count; i++) {
		struct addon **before = &r->before->list[i];

		if (!*before || strncmp((*before)->home, folder, length) != 0
		    || (*before)->home[length] != '/')
			continue;
		keep_previous_addon(r, before);
	}
	if (!r->before)
		r->addons->unreadable++;
}

static bool is_addon_replaced(const struct addons *addons,
			      const struct addon *before)
{
	return addons_find(addons, before->dialect->marketplace, before->id);
}

void previous_addons_keep_missing(const struct addons_reading *r)
{
	struct addons *addons = r->addons;

	addons_reserve(addons, r->before ? r->before->count : 0);
	for (int i = 0; r->before && i < r->before->count; i++) {
		struct addon *addon = r->before->list[i];

		if (!addon || !addon->is_valid
		    || addons_find_home(addons, addon->home)
		    || is_addon_replaced(addons, addon))
			continue;
		addon->is_missing = true;
		keep_previous_addon(r, &r->before->list[i]);
		finding_error(&addons->findings,
			      "%s: is missing, and %s stays in force as it "
			      "was: put the home back; if you have removed it "
			      "for good, run provisor reload",
			      addon->home, addon->id);
	}
}
