/*
 * addon_rename.h - gives the resources of an add-on to another one, when its
 * vendor has changed its id.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_ADDON_RENAME_H
#define LIB_STORE_ADDON_RENAME_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct sealing_keys;

/* Both add-ons are of one marketplace. */
struct addon_renaming {
	const char *marketplace, *from, *to;
	const char *actor; /* of the events */
};

/* Resources of both add-ons that have the same id. */
struct addon_conflicts {
	int64_t tombstones; /* to has only a tombstone: addon_rename_free() */
	int64_t others;
	const char *example; /* our id of one of the others, or NULL */
};

MUST_CHECK enum outcome
addon_rename_conflicts(struct db *db, struct arena *arena,
		       const struct addon_renaming *renaming,
		       struct addon_conflicts *conflicts);

/* Clear the ids of the tombstones, so that the resources can use them. */
MUST_CHECK enum outcome
addon_rename_free(struct db *db, struct arena *arena,
		  const struct addon_renaming *renaming);

struct addon_rename_result {
	int64_t renamed;
	int64_t unopened; /* resources with values that no key opens */
};

/*
 * Rename all resources, one page after the other, and seal their secrets for
 * the new identity.  Left out are resources with a running job, those that
 * change meanwhile, and those whose values cannot be opened, which is logged.
 * A failure undoes nothing; the rest can be renamed later.
 */
MUST_CHECK enum outcome addon_rename(struct db *db,
				     const struct sealing_keys *keys,
				     const struct addon_renaming *renaming,
				     struct addon_rename_result *result);

#endif
