/*
 * suspension.h - suspends resources and resumes them.
 *
 * A suspended resource is provisioned, but must not be used.  The state changes
 * before the listener takes the resource out of use, and after the listener has
 * put it into use again.
 */
#ifndef LIB_STORE_SUSPENSION_H
#define LIB_STORE_SUSPENSION_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource_actor;

struct suspension {
	const char *id;     /* of the resource: ours */
	const char *reason; /* for the event; NULL: none */
	bool begins;        /* false: it ends */
	bool has_job;       /* a job calls the listener */
	/* End only a suspension that this actor has begun; NULL: any. */
	const char *begun_by;
};

/*
 * Suspend a resource at once, and queue a job that calls its listener; or end
 * that, at once or, if has_job is true, when a job has called its listener.  A
 * job in the other direction that has not begun is finished.  Also write an
 * event.  *done is false if the resource is not provisioned, or is in that
 * state already, if such a job is queued already, or if another actor has begun
 * the suspension.
 *
 * Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome suspension_change(struct db *db, struct arena *arena,
					  const struct suspension *suspension,
					  const struct resource_actor *actor,
					  bool *done);

#endif
