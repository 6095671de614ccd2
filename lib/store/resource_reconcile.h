/*
 * resource_reconcile.h - statements for the comparison with a marketplace.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_RESOURCE_RECONCILE_H
#define LIB_STORE_RESOURCE_RECONCILE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/store/job.h"

struct resource_actor;

enum { RESOURCE_RECONCILE_PAGE_SIZE = 100 };

struct resource_reconcile_page {
	int count;
	const char *ids[RESOURCE_RECONCILE_PAGE_SIZE]; /* ours */
};

/* List provisioned resources in the order of their ids.  after is the id that
 * precedes the first one (NULL: start with the first).  marketplace and addon
 * are ignored if NULL. */
MUST_CHECK enum outcome
resource_reconcile_next(struct db *db, struct arena *arena,
			const char *marketplace, const char *addon,
			const char *after,
			struct resource_reconcile_page *page);

/*
 * Claim the right to call the marketplace for a resource that still has this
 * version and no marketplace job; otherwise *done is false.  *version becomes
 * the new version.  The claim is a job that does no harm if provisor-jobs has
 * to finish it: the exchange of a grant.
 */
MUST_CHECK enum outcome resource_reconcile_begin(struct db *db,
						 struct arena *arena,
						 const char *resource,
						 const char **version,
						 const struct job_claim *claim,
						 struct job *job, bool *done);

/* Queue a job of this kind and write the event "reconciled".  *done is false if
 * the resource has such a job or is not provisioned. */
MUST_CHECK enum outcome
resource_reconcile_queue(struct db *db, struct arena *arena,
			 const char *resource, enum job_kind kind,
			 const struct resource_actor *actor, bool *done);

#endif
