/*
 * job_operator.h - acts of operators on unfinished jobs.
 *
 * Each function also writes an event with the operator as actor.  *done is
 * false if the job is leased or finished.  Both return OUTCOME_OK or the
 * failure of db_run().
 */
#ifndef LIB_STORE_JOB_OPERATOR_H
#define LIB_STORE_JOB_OPERATOR_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource_actor;

/* Make the job due now. */
MUST_CHECK enum outcome job_operator_retry(struct db *db, struct arena *arena,
					   const char *id,
					   const struct resource_actor *actor,
					   bool *done);

/*
 * Finish the job without carrying it out.  *state is the resulting state of its
 * resource:
 *
 * - a promised resource that is not complete is refused, and a job reports that
 *   to the marketplace; if the listener has created it, another job cleans up
 * - a resource that was to be provisioned is abandoned
 * - a resource that was to be cleaned up counts as cleaned up
 * - a resource whose plan was being changed keeps its plan; if the change was
 *   promised, the promise is broken (plan_promise.h)
 */
MUST_CHECK enum outcome job_operator_cancel(struct db *db, struct arena *arena,
					    const char *id,
					    const struct resource_actor *actor,
					    bool *done, const char **state);

#endif
