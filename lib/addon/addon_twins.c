#include "lib/addon/addon_twins.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/addon/previous_addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"

static bool is_same_addon(const struct addon *a, const struct addon *b)
{
	return a->id && b->id && a->dialect && b->dialect
		&& strcmp(a->id, b->id) == 0
		&& strcmp(a->dialect->marketplace, b->dialect->marketplace)
		== 0;
}

static bool answers_same_calls(const struct addon *a, const struct addon *b)
{
	return a->user && b->user && strcmp(a->user, b->user) == 0
		&& a->resources.count > 0
		&& url_path_equal(&a->resources, &b->resources);
}

/* Return true if the add-on's home already had its id in the previous set. */
static bool owns_its_id(const struct addons_reading *r,
			const struct addon *addon)
{
	struct addon **before = previous_addon_find(r, addon->home);

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
static bool refuse_twins(const struct addons_reading *r, const bool *owns,
			 int i, int k)
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

/* Check an add-on against the later ones among entries. */
static bool refuse_twins_among(const struct addons_reading *r, const bool *owns,
			       int i, const struct name_entry *entry)
{
	struct addons *addons = r->addons;
	bool has_changed = false;

	for (; entry; entry = name_map_next(entry)) {
		const struct addon *twin = entry->value;
		int k = (int)(addons_find_home(addons, twin->home)
			      - addons->list);

		if (k > i)
			has_changed |= refuse_twins(r, owns, i, k);
	}
	return has_changed;
}

/* Check each add-on against the later ones with its id or its user name. Return
 * true if this has changed one. */
static bool refuse_all_twins(const struct addons_reading *r, const bool *owns)
{
	struct addons *addons = r->addons;
	bool has_changed = false;

	addons_index(addons);
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->id)
			has_changed |= refuse_twins_among(
				r, owns, i, addons_first(addons, addon->id));
		if (addon->user)
			has_changed |= refuse_twins_among(
				r, owns, i,
				addons_of_user(addons, addon->user));
	}
	return has_changed;
}

/* Restore invalid add-ons and refuse twins, once.  Return true if this has
 * changed one. */
static bool check_twins_once(const struct addons_reading *r, bool *owns)
{
	struct addons *addons = r->addons;
	bool has_changed = false;

	for (int i = 0; i < addons->count; i++)
		if (!addons->list[i]->is_valid
		    && previous_addon_restore(r, &addons->list[i]))
			has_changed = owns[i] = true;
	return refuse_all_twins(r, owns) || has_changed;
}

void addon_twins_refuse(const struct addons_reading *r)
{
	struct addons *addons = r->addons;
	bool *owns = arena_alloc(addons->arena, (size_t)addons->count + 1);

	for (int i = 0; i < addons->count; i++)
		owns[i] = owns_its_id(r, addons->list[i]);
	while (check_twins_once(r, owns))
		;
}
