/*
 * job_result.h - stores the result of a claimed job.
 *
 * Each result is one statement that finishes the job, changes the resource and
 * writes an event.  It changes nothing if the claim was lost.  Config vars are
 * stored even if a deprovision has overtaken the job, because the clean-up
 * needs them, but not after the clean-up.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_JOB_RESULT_H
#define LIB_STORE_JOB_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/resource.h"

struct arena;
struct db;
struct job;

/* A job that this process has claimed. */
struct claimed_job {
	struct db *db;
	struct arena *arena;
	const struct job *job;
	struct resource_actor actor; /* for the event */

	/* Set by the functions below: whether the claim was still held and, if
	 * so, the present state of the resource. */
	bool is_held;
	enum resource_state state;
};

/* The resource is provisioned, with the config, message and log_drain_url of
 * provisioned. */
MUST_CHECK enum outcome
job_result_provisioned(struct claimed_job *claim,
		       const struct resource *provisioned);

/* The marketplace is promised the resource, and the job is due again in delay
 * ms.  keeps_lease and why are as in job_put_off(). */
MUST_CHECK enum outcome job_result_promised(struct claimed_job *claim,
					    int64_t delay, bool keeps_lease,
					    const char *why);

/* A promised resource has been created, with the config, message and
 * log_drain_url of created.  It is provisioned after a job has
 * reported it to the marketplace. */
MUST_CHECK enum outcome job_result_created(struct claimed_job *claim,
					   const struct resource *created);

/* The marketplace knows that the promised resource is provisioned. */
MUST_CHECK enum outcome job_result_completed(struct claimed_job *claim);

/* The resource is refused with a message for the customer.  If cleans_up is
 * true, a job has the listener clean up.  If the resource was promised, a job
 * withdraws the promise. */
MUST_CHECK enum outcome job_result_refused(struct claimed_job *claim,
					   const char *message, bool cleans_up);

/* The marketplace knows that the promised resource is refused.  This erases its
 * grant. */
MUST_CHECK enum outcome job_result_withdrawn(struct claimed_job *claim);

/* The resource has the plan, config, plan_message and log_drain_url of changed.
 * If is_pushed is true, a job pushes the config to the marketplace. */
MUST_CHECK enum outcome job_result_plan_changed(struct claimed_job *claim,
						const struct resource *changed,
						const char *event,
						bool is_pushed);

/* The new plan is refused; the resource stays as it is. */
MUST_CHECK enum outcome job_result_plan_refused(struct claimed_job *claim);

/* The resource has new credentials, in the config of rotated.  If is_pushed is
 * true, a job pushes them to the marketplace. */
MUST_CHECK enum outcome job_result_rotated(struct claimed_job *claim,
					   const struct resource *rotated,
					   bool is_pushed);

/* The rotation is refused; the resource stays as it is. */
MUST_CHECK enum outcome job_result_rotation_refused(struct claimed_job *claim,
						    const char *why);

/* The listener has cleaned up.  If the marketplace does not know the resource,
 * the resource is now abandoned. */
MUST_CHECK enum outcome job_result_removed(struct claimed_job *claim);

/* The marketplace has the config vars of this version.  If the resource has
 * another version now, the job is due again. */
MUST_CHECK enum outcome job_result_pushed(struct claimed_job *claim,
					  const char *version);

#endif
