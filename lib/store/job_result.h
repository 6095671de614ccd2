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

	/* Set by the functions below, unless they fail: whether the claim was
	 * still held or was lost, and if it was held, the present state of the
	 * resource. */
	bool is_held, is_lost;
	enum resource_state state;
};

/* The resource is provisioned, with the provider_id, config, message,
 * log_drain_url and log_line of provisioned. */
MUST_CHECK enum outcome
job_result_provisioned(struct claimed_job *claim,
		       const struct resource *provisioned);

/*
 * Release the job, which is due again in delay ms.  If its resource is gone,
 * the delay is a second at most; if its resource was promised, the job is due
 * before the promise expires.  why, one line without secrets, is stored with
 * the job and as an attempt in the history of the resource.  If keeps_lease is
 * true, the lease stays, because a process that the job started may still run.
 */
MUST_CHECK enum outcome job_result_put_off(struct claimed_job *claim,
					   int64_t delay, bool keeps_lease,
					   const char *why);

/* The marketplace is promised the resource, and the job is due again in delay
 * ms.  If id is not NULL, it becomes the resource's provider_id.  message,
 * which may be NULL, is for the customer.  keeps_lease and why are as above. */
MUST_CHECK enum outcome job_result_promised(struct claimed_job *claim,
					    int64_t delay, bool keeps_lease,
					    const char *id, const char *message,
					    const char *why);

/* A promised resource has been created, with the config, message and
 * log_drain_url of created.  It is provisioned after a job has
 * reported it to the marketplace. */
MUST_CHECK enum outcome job_result_created(struct claimed_job *claim,
					   const struct resource *created);

/* The marketplace knows that the promised resource is provisioned.  line is for
 * the log of the customer's app, or NULL. */
MUST_CHECK enum outcome job_result_completed(struct claimed_job *claim,
					     const char *line);

/* The resource is refused with a message for the customer.  reason, which is
 * for operators, may be NULL.  If cleans_up is true, a job has the listener
 * clean up.  If the resource was promised, a job withdraws the promise. */
MUST_CHECK enum outcome job_result_refused(struct claimed_job *claim,
					   const char *message,
					   const char *reason, bool cleans_up);

/* The marketplace knows that the promised resource is refused.  This erases its
 * grant. */
MUST_CHECK enum outcome job_result_withdrawn(struct claimed_job *claim);

/* The response to the marketplace says that the plan is being changed.  The job
 * is due again in delay ms.  keeps_lease and why are as above. */
MUST_CHECK enum outcome job_result_plan_promised(struct claimed_job *claim,
						 int64_t delay,
						 bool keeps_lease,
						 const char *why);

struct job_result_plan {
	const char *event;
	bool is_pushed; /* a job pushes the config to the marketplace */
	bool is_agreed; /* the marketplace has this plan, too */
};

/* The resource has the plan, config, plan_message, log_drain_url and log_line
 * of changed. */
MUST_CHECK enum outcome
job_result_plan_changed(struct claimed_job *claim,
			const struct resource *changed,
			const struct job_result_plan *result);

/* The new plan is refused, with a message for the customer; the resource stays
 * as it is.  If the plan was promised, the marketplace has it nevertheless.
 * reason is as above.  line is for the log of the customer's app, or NULL. */
MUST_CHECK enum outcome job_result_plan_refused(struct claimed_job *claim,
						const char *message,
						const char *reason,
						const char *line);

/* The resource has new credentials, in the config of rotated.  If is_pushed is
 * true, a job pushes them to the marketplace. */
MUST_CHECK enum outcome job_result_rotated(struct claimed_job *claim,
					   const struct resource *rotated,
					   bool is_pushed);

/* The rotation is refused; the resource stays as it is. */
MUST_CHECK enum outcome job_result_rotation_refused(struct claimed_job *claim,
						    const char *reason);

/* The listener has put a suspended resource into use again.  It is provisioned,
 * unless it has been suspended again since. */
MUST_CHECK enum outcome job_result_resumed(struct claimed_job *claim);

/* The job is about to clean up a kept resource, which cannot be restored from
 * now on.  The state is still RESOURCE_KEPT if its time is not over, if it is
 * being restored, or if it has another version. */
MUST_CHECK enum outcome job_result_removal_begun(struct claimed_job *claim,
						 const char *version);

/* The resource has the content of the kept resource of the job, with the config
 * of restored; the kept one becomes a tombstone.  If is_pushed is true, a job
 * pushes the config to the marketplace. */
MUST_CHECK enum outcome job_result_restored(struct claimed_job *claim,
					    const struct resource *restored,
					    bool is_pushed);

/* The restore is refused; both resources stay as they are. */
MUST_CHECK enum outcome job_result_restore_refused(struct claimed_job *claim,
						   const char *reason);

/* The resource has the content of the resource of the job, of another add-on,
 * with the config of moved.  If is_pushed is true, a job pushes the config to
 * the marketplace. */
MUST_CHECK enum outcome job_result_moved(struct claimed_job *claim,
					 const struct resource *moved,
					 bool is_pushed);

/* The move is refused, and undone. */
MUST_CHECK enum outcome job_result_move_refused(struct claimed_job *claim,
						const char *reason);

/* The listener has cleaned up.  If the marketplace does not know the resource,
 * the resource is now abandoned. */
MUST_CHECK enum outcome job_result_removed(struct claimed_job *claim);

/* The listener was called once more.  If provisioned is not NULL, its config
 * and log_drain_url differ from the stored ones, and they are stored; if
 * is_pushed is true, a job pushes the config to the marketplace. */
MUST_CHECK enum outcome job_result_verified(struct claimed_job *claim,
					    const struct resource *provisioned,
					    bool is_pushed);

/*
 * The listener was called for a job whose claim may have been lost since.  If
 * so, another process has called the listener, too, and it is unknown which
 * call came last: queue a job that verifies the result, unless one is queued.
 * *done is whether the claim was lost and a job was added.
 */
MUST_CHECK enum outcome
job_result_queue_verification(const struct claimed_job *claim, bool *done);

/* The marketplace cannot be asked whether it expects the resource. */
MUST_CHECK enum outcome job_result_unconfirmed(struct claimed_job *claim,
					       const char *reason);
/* The marketplace has other config vars: a job pushes ours. */
MUST_CHECK enum outcome job_result_config_differs(struct claimed_job *claim);

/* The marketplace has the config vars of this version.  If the resource has
 * another version now, the job is due again. */
MUST_CHECK enum outcome job_result_pushed(struct claimed_job *claim,
					  const char *version);

#endif
