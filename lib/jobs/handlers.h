/*
 * handlers.h - the functions that carry out each kind of job.
 *
 * job_run.c has a table of these functions.  To add a kind, add it to
 * lib/store/job_kind.c, declare its function here and name it in that table.
 * All of them return an outcome as described in job_run.h.
 */
#ifndef LIB_JOBS_HANDLERS_H
#define LIB_JOBS_HANDLERS_H

#include "lib/base/base.h"
#include "lib/jobs/job_run.h"
#include "lib/listener/listener.h"
#include "lib/platform/platform.h"

/* listener_job.c: jobs that call the listener. */
MUST_CHECK enum outcome listener_job_provision(struct job_run *run);
MUST_CHECK enum outcome listener_job_rotate(struct job_run *run);
MUST_CHECK enum outcome listener_job_remove(struct job_run *run);
MUST_CHECK enum outcome listener_job_suspend(struct job_run *run);
MUST_CHECK enum outcome listener_job_resume(struct job_run *run);

/* transfer_job.c: gives one resource the content of another. */
MUST_CHECK enum outcome transfer_job_restore(struct job_run *run);
MUST_CHECK enum outcome transfer_job_move(struct job_run *run);

/* Return whether the move of the job holds: it was not undone. */
MUST_CHECK bool transfer_job_holds(const struct job_run *run);

/* Call the listener about both resources. */
MUST_CHECK struct listener_answer transfer_job_ask(struct job_run *run,
						   enum listener_action action);

/* plan_job.c: jobs that change a plan. */
MUST_CHECK enum outcome plan_job_change(struct job_run *run);
MUST_CHECK enum outcome plan_job_restore(struct job_run *run);

/* config_job.c: jobs that send config vars to the marketplace. */
MUST_CHECK enum outcome config_job_push(struct job_run *run);
MUST_CHECK enum outcome config_job_check(struct job_run *run);

/* Return whether the marketplace has the config vars that the resource has now;
 * false if it cannot be asked. */
MUST_CHECK bool is_config_at_marketplace(struct job_run *run);

/* verify_job.c, confirm_job.c */
MUST_CHECK enum outcome verify_job(struct job_run *run);
MUST_CHECK enum outcome confirm_job(struct job_run *run);

/* marketplace_job.c: jobs that call the marketplace. */
MUST_CHECK enum outcome marketplace_job_exchange(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_complete(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_withdraw(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_write_log(struct job_run *run);

/* ---- for jobs that call the listener ---- */

/* Call the listener.  old_plan is the plan to leave, or NULL. */
MUST_CHECK struct listener_answer ask_job_listener(struct job_run *run,
						   enum listener_action action,
						   const char *plan,
						   const char *old_plan);

/* Return whether the listener refuses the call, or says that no repeated call
 * can succeed. */
MUST_CHECK bool is_listener_refusal(const struct listener_answer *answer);

/* Return the resource with what the listener has answered, sealed. */
struct resource seal_listener_answer(const struct job_run *run,
				     const struct listener_answer *answer);

/* Call it about the resource of the job and from, whose content it gets. */
MUST_CHECK struct listener_answer
ask_job_listener_from(struct job_run *run, enum listener_action action,
		      const struct resource *from);

/* Call the listener again later, because its answer is not final. */
MUST_CHECK enum outcome retry_listener(struct job_run *run,
				       const struct listener_answer *answer);

/* Do the same, in most ms at the latest. */
MUST_CHECK enum outcome
retry_listener_within(struct job_run *run, const struct listener_answer *answer,
		      int64_t most);

/* ---- for jobs that call the marketplace ---- */

/* Make a call about the resource.  If the marketplace does not respond to
 * config, queue a check: it may apply it later. */
MUST_CHECK struct platform_response call_marketplace(struct job_run *run,
						     enum platform_call call,
						     const struct json *config);

/* Return false if the config of the resource cannot be opened. */
MUST_CHECK bool open_config_vars(const struct job_run *run,
				 struct resource_secrets *secrets);

/* Try again later, after retry_after seconds at least. */
MUST_CHECK enum outcome retry_marketplace(struct job_run *run, int retry_after,
					  const char *reason);

/* Handle a call that failed without a final response. */
MUST_CHECK enum outcome
retry_or_give_up(struct job_run *run, const struct platform_response *answer);

/* Return whether a call that got no final response may get one later. */
MUST_CHECK bool is_response_pending(const struct job_run *run,
				    const struct platform_response *response);

/* ---- for all of them ---- */

/* Read the resource at the marketplace. */
MUST_CHECK struct platform_response marketplace_job_read(struct job_run *run);

/* Finish the job and store only note, which may be NULL. */
MUST_CHECK enum outcome job_run_finish(struct job_run *run, const char *note);

/* Return outcome if a result was stored and the claim was still held.
 * Otherwise return the outcome that describes the failure. */
MUST_CHECK enum outcome job_run_conclude(struct job_run *run,
					 enum outcome stored,
					 enum outcome outcome);

/* Do the same, but return OUTCOME_GONE if a deprovision came first. */
MUST_CHECK enum outcome conclude_unless_gone(struct job_run *run,
					     enum outcome stored,
					     enum outcome outcome);

#endif
