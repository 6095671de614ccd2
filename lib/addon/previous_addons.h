/*
 * previous_addons.h - add-ons that stay in force when homes are read again.
 *
 * They move from the previous set to the new one: add-ons whose homes have not
 * changed, and the last valid versions of those that have become invalid or are
 * missing.
 */
#ifndef LIB_ADDON_PREVIOUS_ADDONS_H
#define LIB_ADDON_PREVIOUS_ADDONS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct addon;
struct addons;
struct findings;

/* The arguments of addons_open(), and the new set. */
struct addons_reading {
	struct addons *addons;
	void (*complete)(struct addon *addon, struct findings *findings);
	struct addons *before; /* or NULL; a moved add-on leaves NULL behind */
};

/* Make room for more add-ons in the list. */
void addons_reserve(struct addons *addons, int more);

/* Return the place of a home's valid add-on in the previous set, or NULL. */
MUST_CHECK struct addon **previous_addon_find(const struct addons_reading *r,
					      const char *home);

/* Move the add-on of a home to the new set, which has room for it, if it has no
 * findings and its files have not changed.  Otherwise return false. */
MUST_CHECK bool previous_addon_take_unchanged(const struct addons_reading *r,
					      const char *home);

/* Replace an add-on of the new set with its previous version, or return false
 * if it has none.  Its files are those of the version that was refused. */
MUST_CHECK bool previous_addon_restore(const struct addons_reading *r,
				       struct addon **place);

/* Move the add-ons of a folder that cannot be read. */
void previous_addons_keep_in(const struct addons_reading *r,
			     const char *folder);

/* Move the add-ons whose homes are missing, with a finding for each: a home may
 * be missing for a moment while it is replaced, and its customers may not
 * notice that.  The new set must be indexed. */
void previous_addons_keep_missing(const struct addons_reading *r);

#endif
