/*
 * resource_reconcile.h - what comparing with a marketplace needs of the
 * database.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_RESOURCE_RECONCILE_H
#define LIB_STORE_RESOURCE_RECONCILE_H

#include <stdbool.h>

#include "lib/store/job.h"

struct resource_actor;

enum { RESOURCE_RECONCILE_PAGE_SIZE = 100 };

struct resource_reconcile_page {
	int count;
	const char *ids[RESOURCE_RECONCILE_PAGE_SIZE]; /* ours */
};

/* Resources that are provisioned, behind the one whose id is after (NULL: from
 * the first on), in the order of their ids.  NULL does not restrict. */
enum outcome resource_reconcile_next(struct db *db, struct arena *arena,
				     const char *marketplace, const char *addon,
				     const char *after,
				     struct resource_reconcile_page *page);

/*
 * Claim the right to call the marketplace for a resource that is as it was
 * read, with that version, which becomes *version: a job that does no harm when
 * somebody else has to finish it.  *done is false when it has changed or there
 * is such a job.
 */
enum outcome resource_reconcile_begin(struct db *db, struct arena *arena,
				      const char *resource,
				      const char **version,
				      const struct job_claim *claim,
				      struct job *job, bool *done);

/* Have a job of this kind be done for a resource, with the event "reconciled".
 * *done is false when there is one already, or it is not provisioned. */
enum outcome resource_reconcile_queue(struct db *db, struct arena *arena,
				      const char *resource, enum job_kind kind,
				      const struct resource_actor *actor,
				      bool *done);

#endif
