/*
 * restore_job.c - gives a resource the content of a kept one.
 *
 * The job belongs to the resource that gets the content, so that it is in order
 * with the other calls about that.  The kept resource has no other job then:
 * its clean-up waits (job_result_removal_begun.sql).
 */
#include "lib/jobs/handlers.h"

#include "lib/base/arena.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

struct listener_answer ask_restored(struct job_run *run)
{
	struct claimed_job *claim = &run->claim;
	struct resource from;
	bool found;

	if (resource_get(claim->db, claim->arena, claim->job->from, &from,
			 &found)
		    != OUTCOME_OK
	    || !found)
		return (struct listener_answer){
			.verdict = LISTENER_FAILED,
			.why = "the resource to restore cannot be read",
		};
	return ask_job_listener_from(run, LISTENER_RESTORE, &from);
}

static enum outcome refuse_restore(struct job_run *run,
				   const struct listener_answer *answer)
{
	run->reason = answer->why ? answer->why : answer->message;
	return conclude_unless_gone(
		run, job_result_restore_refused(&run->claim, run->reason),
		OUTCOME_INVALID);
}

enum outcome restore_job(struct job_run *run)
{
	const struct listener_answer answer = ask_restored(run);
	struct resource restored;

	if (is_listener_refusal(&answer))
		return refuse_restore(run, &answer);
	if (answer.verdict != LISTENER_DONE)
		return retry_listener(run, &answer);
	restored = seal_listener_answer(run, &answer);
	return conclude_unless_gone(
		run,
		job_result_restored(
			&run->claim, &restored,
			job_run_can_call(run->addon, run->resource)),
		OUTCOME_OK);
}
