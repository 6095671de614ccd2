/*
 * job_result.h - what came of a claimed job, stored as it ends.
 *
 * Each is one statement that finishes the job, changes the resource and writes
 * the event, and does nothing at all when the claim was lost meanwhile.  What a
 * listener made is stored whatever the resource's state is by now, unless
 * nothing more is to be kept of it: the clean-up needs it.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_JOB_RESULT_H
#define LIB_STORE_JOB_RESULT_H

#include <stdbool.h>
#include <stdint.h>

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

/* It is there, with the config, message and log_drain_url of made. */
enum outcome job_result_provisioned(struct claimed_job *claim,
				    const struct resource *made);

/* It is not there yet; the marketplace is to be promised that it will be, and
 * the job is due again in delay ms.  keeps_lease: as job_put_off(). */
enum outcome job_result_promised(struct claimed_job *claim, int64_t delay,
				 bool keeps_lease, const char *why);

/* It is there, as above, and was promised: a job is to tell the marketplace
 * before it counts as provisioned. */
enum outcome job_result_created(struct claimed_job *claim,
				const struct resource *made);

/* The marketplace has been told that it is there. */
enum outcome job_result_completed(struct claimed_job *claim);

/* The marketplace has been told that it will not be: its grant has no use any
 * more. */
enum outcome job_result_withdrawn(struct claimed_job *claim);

/*
 * It cannot be had; message is what the customer is told.  cleans_up: what may
 * have been made of it is to be removed.  Where it was promised a job is to
 * withdraw that.
 */
enum outcome job_result_refused(struct claimed_job *claim, const char *message,
				bool cleans_up);

/* The marketplace has the config that was read with that version; if it has
 * changed meanwhile, the job is due again. */
enum outcome job_result_pushed(struct claimed_job *claim, const char *version);

/* It has the plan, config, plan_message and log_drain_url of changed; what is
 * the event's name.  With is_told a job tells the marketplace of the config. */
enum outcome job_result_plan_changed(struct claimed_job *claim,
				     const struct resource *changed,
				     const char *what, bool is_told);

/* The plan was refused, and nothing has changed. */
enum outcome job_result_plan_refused(struct claimed_job *claim);

/* It has the config of rotated: new credentials.  With is_told a job tells the
 * marketplace. */
enum outcome job_result_rotated(struct claimed_job *claim,
				const struct resource *rotated, bool is_told);

/* They cannot be had, for that reason, and nothing has changed. */
enum outcome job_result_rotation_refused(struct claimed_job *claim,
					 const char *why);

/* Nothing is left of it: of one that is gone, that was refused, or that was
 * never told of and is abandoned thereby. */
enum outcome job_result_removed(struct claimed_job *claim);

#endif
