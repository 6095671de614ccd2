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
struct vendor_answer fulfil_ask(const struct fulfilment *f,
				enum hook_action action, const char *plan,
				const char *old_plan);

/*
 * Let go of the job, as job_put_off() does, which why is set for: it is due
 * again in delay ms, when the listener says so, or when an operator does.
 * OUTCOME_UNAVAILABLE once that is stored.
 */
enum outcome fulfil_put_off(struct fulfilment *f, int64_t delay,
			    bool keeps_lease, const char *why);
enum outcome fulfil_wait(struct fulfilment *f,
			 const struct vendor_answer *answer);
enum outcome fulfil_give_up(struct fulfilment *f, const char *why);

/* What settle.h needs to know of it. */
struct settlement fulfil_settlement(const struct fulfilment *f);

/* The resource with what the listener has made, sealed. */
struct resource fulfil_made(const struct fulfilment *f,
			    const struct vendor_answer *answer);

/* Can the marketplace be told of a config that it has not asked for? */
bool fulfil_may_tell(const struct fulfilment *f);

/*
 * How it ended, for who has waited: with outcome, unless that could not be
 * stored.  Where a deprovision may have overtaken it, the resource is then not
 * in the expected state, and the outcome is OUTCOME_GONE.
 */
enum outcome fulfil_end(struct fulfilment *f, const struct settlement *s,
			enum outcome stored, enum outcome outcome);
enum outcome fulfil_conclude(struct fulfilment *f, const struct settlement *s,
			     enum outcome stored, enum resource_state expected,
			     enum outcome outcome);

#endif
