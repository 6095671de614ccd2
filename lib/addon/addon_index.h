/*
 * addon_index.h - finds the add-ons of a set by id, path and home.
 *
 * The time does not depend on the number of add-ons, unless they have the same
 * id or path.
 */
#ifndef LIB_ADDON_ADDON_INDEX_H
#define LIB_ADDON_ADDON_INDEX_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/name_map.h"

struct addon;
struct addons;
struct arena;
struct url_path;

/* A path at which marketplaces call add-ons. */
struct addon_mount {
	const struct url_path *path;
	const struct url_path *resources; /* of these add-ons; the same path,
					     unless notifications come here */
	bool accepts_get; /* one of them accepts sign-ons by GET of a
			     resource */
	bool suspends; /* the marketplace of one of them suspends resources */
};

/* Index the list of addons.  Call this again after a change of the list. */
void addons_index(struct addons *addons);

/* Return the first add-on with this id, of any marketplace and valid or not.
 * The value of an entry is a struct addon.  name_map_next() has the others. */
MUST_CHECK const struct name_entry *addons_first(const struct addons *addons,
						 const char *id);

/* Likewise for the user name with which the marketplace calls an add-on. */
MUST_CHECK const struct name_entry *addons_of_user(const struct addons *addons,
						   const char *user);

/* Return the add-on with this id, valid or not, or NULL. */
MUST_CHECK const struct addon *addons_find_any(const struct addons *addons,
					       const char *marketplace,
					       const char *id);

/* Return the valid add-on with this id, or NULL. */
MUST_CHECK const struct addon *addons_find(const struct addons *addons,
					   const char *marketplace,
					   const char *id);

/* Return the place of the add-on of a home in the list, or NULL. */
MUST_CHECK struct addon **addons_find_home(const struct addons *addons,
					   const char *home);

/* Return the mount with this path, or NULL. */
MUST_CHECK const struct addon_mount *
addons_find_mount(const struct addons *addons, struct arena *arena,
		  const struct url_path *path);

/* Return true if an add-on has a sso_url with this path. */
MUST_CHECK bool addons_have_sso_path(const struct addons *addons,
				     struct arena *arena,
				     const struct url_path *path);

#endif
