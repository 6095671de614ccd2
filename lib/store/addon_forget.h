/*
 * addon_forget.h - counts and erases the rows of an add-on that is no longer
 * sold.
 *
 * Both functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_ADDON_FORGET_H
#define LIB_STORE_ADDON_FORGET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

struct addon_remains {
	const char *marketplace;
	int64_t resources;  /* all of them */
	int64_t live;       /* provisioning or provisioned */
	int64_t incomplete; /* refused, abandoned or to be cleaned up */
	int64_t jobs;       /* unfinished */
	int64_t running;    /* of those */
};

/* Set *remains to an array with a member for each marketplace at which the
 * add-on has resources, and *count to their number.  A NULL marketplace means
 * all. */
MUST_CHECK enum outcome addon_forget_count(struct db *db, struct arena *arena,
					   const char *addon,
					   const char *marketplace,
					   struct addon_remains **remains,
					   int *count);

/*
 * Turn resources of the add-on into tombstones that have no secrets and no data
 * of their customers, and finish their jobs.  frees_key: the marketplace's ids
 * may be used again.  Set *forgotten to the number of resources.  Repeat this
 * until it is 0.  A resource with a running job is left out.
 */
MUST_CHECK enum outcome addon_forget(struct db *db, struct arena *arena,
				     const char *addon, const char *marketplace,
				     const char *actor, bool frees_key,
				     int64_t *forgotten);

#endif
