/*
 * inventory.h - counts jobs and resources, for metrics.
 *
 * Results belong to the arena.  All functions return OUTCOME_OK or the failure
 * of db_run().
 */
#ifndef LIB_STORE_INVENTORY_H
#define LIB_STORE_INVENTORY_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/job_kind.h"

struct arena;
struct db;

/* The states of unfinished jobs, as in job_list.h.  A waiting job may be
 * blocked, too. */
enum inventory_job_state {
	INVENTORY_DUE,
	INVENTORY_WAITING,
	INVENTORY_RUNNING,
	INVENTORY_BLOCKED,
	INVENTORY_GAVE_UP,
	INVENTORY_HELD,
	INVENTORY_JOB_STATES
};

extern const char *const inventory_job_states[INVENTORY_JOB_STATES];

struct inventory_jobs {
	int64_t count[JOB_KINDS][INVENTORY_JOB_STATES];
	int64_t due_for[JOB_KINDS]; /* s since the first was due; 0: none is */
};

/* At most INVENTORY_MOST_JOBS unfinished jobs are counted. */
enum { INVENTORY_MOST_JOBS = 100000 };

MUST_CHECK enum outcome inventory_count_jobs(struct db *db, struct arena *arena,
					     struct inventory_jobs *jobs);

struct inventory_resources {
	int count;
	struct inventory_resource {
		const char *marketplace, *addon, *state;
		const char *plan; /* NULL: the count is that of all plans */
		int64_t count;
	} * list;
};

/* At most INVENTORY_MOST_RESOURCES counts are returned, those of all plans
 * first.  The plans of an add-on beyond the most frequent INVENTORY_MOST_PLANS
 * are counted as "other": requests name them, so there may be any number. */
enum { INVENTORY_MOST_RESOURCES = 5000, INVENTORY_MOST_PLANS = 20 };

MUST_CHECK enum outcome
inventory_count_resources(struct db *db, struct arena *arena,
			  struct inventory_resources *resources);

#endif
