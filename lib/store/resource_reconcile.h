/*
 * resource_reconcile.h - statements for the comparison with a marketplace.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_RESOURCE_RECONCILE_H
#define LIB_STORE_RESOURCE_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/store/job.h"

struct resource;
struct resource_actor;

enum { RESOURCE_RECONCILE_PAGE_SIZE = 100 };

struct resource_reconcile_row {
	const char *id;     /* ours */
	int64_t created_at; /* seconds since 1970 */
};

struct resource_reconcile_page {
	int count;
	struct resource_reconcile_row rows[RESOURCE_RECONCILE_PAGE_SIZE];
};

/* List provisioned resources in the order of their ids; if has_waiting, also
 * those that are being provisioned.  after is the id that precedes the first
 * one (NULL: start with the first).  marketplace and addon are ignored if NULL.
 */
MUST_CHECK enum outcome
resource_reconcile_next(struct db *db, struct arena *arena,
			const char *marketplace, const char *addon,
			const char *after, bool has_waiting,
			struct resource_reconcile_page *page);

/* Set *is_changed if a resource was changed at time or later, in seconds since
 * 1970. */
MUST_CHECK enum outcome resource_reconcile_is_changed(struct db *db,
						      struct arena *arena,
						      const char *resource,
						      int64_t time,
						      bool *is_changed);

/*
 * Claim the right to call the marketplace for a resource that still has this
 * version and no marketplace job, except a held push of config vars; otherwise
 * *done is false.  *version becomes the new version.  The claim is a job that
 * does no harm if provisor-jobs has to finish it: the exchange of a grant.
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

/* The marketplace has the resource, which was promised: provision it without a
 * call, and finish the job that would make the call.  *done is false if the
 * resource has changed, or if it has not been created here. */
MUST_CHECK enum outcome
resource_reconcile_complete(struct db *db, struct arena *arena,
			    const struct resource *resource,
			    const struct resource_actor *actor, bool *done);

#endif
