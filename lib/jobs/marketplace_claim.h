/*
 * marketplace_claim.h - claims the right to call the marketplace about a
 * resource, for calls that are not those of a job.
 *
 * Only one process at a time may use the grant of a resource (token.h).  The
 * claim waits until no job uses it, and keeps jobs waiting meanwhile.
 */
#ifndef LIB_JOBS_MARKETPLACE_CLAIM_H
#define LIB_JOBS_MARKETPLACE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/job.h"

struct arena;
struct db;

struct marketplace_claim {
	struct db *db;
	struct arena *arena;
	const char *resource;
	int64_t lease;    /* ms for all calls */
	int64_t give_up;  /* when waiting ends (clock_now()) */
	int64_t valid_to; /* set when it begins (clock_now()) */
	struct job job;   /* set when it begins: it keeps others away */
};

/* Begin.  The caller sets the members up to give_up.  *is_claimed is false if
 * another process called the marketplace until give_up, or if the grant has
 * ended. */
MUST_CHECK enum outcome marketplace_claim_begin(struct marketplace_claim *claim,
						bool *is_claimed);

/* End the claim.  If the database does not respond, it lasts for its lease. */
void marketplace_claim_end(const struct marketplace_claim *claim);

#endif
