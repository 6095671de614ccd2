/*
 * resource_deprovision.h - deprovisions resources.
 *
 * Both functions also write an event, and return OUTCOME_OK or the failure of
 * db_run().
 */
#ifndef LIB_STORE_RESOURCE_DEPROVISION_H
#define LIB_STORE_RESOURCE_DEPROVISION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

struct resource_removal {
	const char *id;
	bool frees_key; /* the marketplace's id may be used again */
	bool cleans_up; /* a job has the listener clean up before the erasure */
	int64_t keep;   /* ms for which a provisioned resource is kept, and can
			   be restored; 0: not, even if it is kept now */
};

/*
 * Deprovision a resource.  Without a clean-up, its config vars, grant, URLs and
 * tokens are erased at once.  Its other jobs are finished, except a leased one.
 * *done is false if it was gone already, or is kept and being restored.
 */
MUST_CHECK enum outcome
resource_deprovision(struct db *db, struct arena *arena,
		     const struct resource_removal *removal,
		     const struct resource_actor *actor, bool *done);

/* Create the tombstone of a resource that was never provisioned; if cleans_up
 * is true, a job has the listener clean up.  *created is false if one of its
 * ids exists already. */
MUST_CHECK enum outcome
resource_create_tombstone(struct db *db, struct arena *arena,
			  const struct resource *resource, bool cleans_up,
			  const struct resource_actor *actor, bool *created);

#endif
