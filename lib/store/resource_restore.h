/*
 * resource_restore.h - begins the restore of a kept resource.
 */
#ifndef LIB_STORE_RESOURCE_RESTORE_H
#define LIB_STORE_RESOURCE_RESTORE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

/*
 * Queue a job that gives resource the content of the kept resource from, and
 * write an event.  A job that would take the kept resource out of use is
 * finished.  *done is false if either resource has another version, if resource
 * is not provisioned or its listener has a job, or if from is not kept, its
 * listener is being called, or it is being restored.
 *
 * Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome
resource_restore_begin(struct db *db, struct arena *arena,
		       const struct resource *from,
		       const struct resource *resource,
		       const struct resource_actor *actor, bool *done);

#endif
