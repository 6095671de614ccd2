/*
 * addon_list.h - the add-ons that have something left to do in the database:
 * resources that are not deprovisioned, or unfinished jobs.
 *
 * Both functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_ADDON_LIST_H
#define LIB_STORE_ADDON_LIST_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

struct addon_list {
	int count;
	struct addon_name {
		const char *marketplace, *addon;
	} * names;
};

/* List them.  This takes the same time for any number of resources. */
MUST_CHECK enum outcome addon_list(struct db *db, struct arena *arena,
				   struct addon_list *list);

struct addon_counts {
	int64_t live;       /* resources that are provisioning or provisioned */
	int64_t incomplete; /* resources that are refused, abandoned, or to be
			       cleaned up */
	int64_t jobs;       /* unfinished */
	int64_t oldest_job; /* s; 0: none */
};

/* Count the resources and jobs of an add-on. */
MUST_CHECK enum outcome addon_count(struct db *db, struct arena *arena,
				    const struct addon_name *name,
				    struct addon_counts *counts);

#endif
