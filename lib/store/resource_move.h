/*
 * resource_move.h - begins the move of a resource to another add-on.
 */
#ifndef LIB_STORE_RESOURCE_MOVE_H
#define LIB_STORE_RESOURCE_MOVE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

/*
 * Queue a job that gives target the content of from, which is RESOURCE_MOVED
 * from now on, and write events.  If target has no version, it is created with
 * its ids, plan and options, and the name, region and owner of from.
 *
 * *done is false if either has another version or is not provisioned, if from
 * has a job that would be lost, if target has a listener job, or if one of the
 * ids of a new target exists.
 *
 * Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome resource_move_begin(struct db *db, struct arena *arena,
					    const struct resource *from,
					    const struct resource *target,
					    const struct resource_actor *actor,
					    bool *done);

#endif
