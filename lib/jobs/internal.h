/*
 * internal.h - what those who carry out claimed jobs share among themselves.
 */
#ifndef LIB_JOBS_INTERNAL_H
#define LIB_JOBS_INTERNAL_H

#include "lib/jobs/listener_job.h"
#include "lib/store/job_result.h"
#include "lib/listener/listener.h"

/* Ask the listener.  plan is the one to have, old_plan the one to leave, or
 * NULL. */
struct listener_answer job_run_ask(const struct job_run *f,
				   enum listener_action action,
				   const char *plan, const char *old_plan);

/*
 * Let go of the job, as job_put_off() does, which why is set for: it is due
 * again in delay ms, when the listener says so, or when an operator does.
 * OUTCOME_UNAVAILABLE once that is stored.
 */
enum outcome job_run_put_off(struct job_run *f, int64_t delay, bool keeps_lease,
			     const char *why);
enum outcome job_run_wait(struct job_run *f,
			  const struct listener_answer *answer);
enum outcome job_run_give_up(struct job_run *f, const char *why);

/* What settle.h needs to know of it. */
struct claimed_job job_run_settlement(const struct job_run *f);

/* Can the marketplace be told of a config that it has not asked for? */
bool job_run_may_tell(const struct job_run *f);

/*
 * How it ended, for who has waited: with outcome, unless that could not be
 * stored.  Where a deprovision may have overtaken it, the resource is then not
 * in the expected state, and the outcome is OUTCOME_GONE.
 */
enum outcome job_run_end(struct job_run *f, const struct claimed_job *s,
			 enum outcome stored, enum outcome outcome);
enum outcome job_run_conclude(struct job_run *f, const struct claimed_job *s,
			      enum outcome stored, enum resource_state expected,
			      enum outcome outcome);

#endif
