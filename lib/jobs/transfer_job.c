/*
 * transfer_job.c - gives a resource the content of another one: of a kept one
 * (restore), or of one of another add-on (move).
 *
 * The job belongs to the resource that gets the content, so that it is in order
 * with the other calls about that.  The other resource has no listener job
 * then, except its clean-up, which waits.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/listener/answer_rules.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"
#include "lib/text/json.h"

struct listener_answer transfer_job_ask(struct job_run *run,
					enum listener_action action)
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
			.why = "the other resource cannot be read",
		};
	return ask_job_listener_from(run, action, &from);
}

bool transfer_job_holds(const struct job_run *run)
{
	const struct claimed_job *claim = &run->claim;
	struct resource from;
	bool found;

	return resource_get(claim->db, claim->arena, claim->job->from, &from,
			    &found)
		== OUTCOME_OK
		&& found && from.moved_to
		&& strcmp(from.moved_to, run->resource->id) == 0;
}

/* What differs between the two kinds. */
struct transfer {
	enum listener_action action;
	enum outcome (*store)(struct claimed_job *claim,
			      const struct resource *changed, bool is_pushed);
	enum outcome (*store_refusal)(struct claimed_job *claim,
				      const char *reason);
};

static enum outcome refuse_transfer(struct job_run *run,
				    const struct transfer *transfer,
				    const char *reason)
{
	run->reason = reason;
	return conclude_unless_gone(
		run, transfer->store_refusal(&run->claim, reason),
		OUTCOME_INVALID);
}

/* A move may leave the config vars of the other resource as they are, but the
 * manifest of this one may not declare them.  Return the fault, or NULL. */
static const char *find_config_fault(const struct job_run *run,
				     const struct transfer *transfer,
				     const struct json *config)
{
	struct arena *arena = run->claim.arena;

	if (transfer->action != LISTENER_MOVE)
		return NULL;
	for (config = json_first(config); config; config = json_next(config)) {
		const char *fault = answer_rules_config_name(run->addon, arena,
							     json_name(config));

		if (fault)
			return arena_printf(
				arena,
				"the config var %s %s: declare it in the "
				"manifest of %s, or have the listener's \"%s\" "
				"return config",
				json_name(config), fault, run->addon->id,
				listener_action_name(LISTENER_MOVE));
	}
	return NULL;
}

/* What the listener's code has moved already cannot be undone here. */
static enum outcome handle_config_fault(struct job_run *run,
					const struct transfer *transfer,
					const struct listener_answer *answer,
					const char *fault)
{
	return answer->ended ? job_run_put_off(run, JOB_NEVER, false, fault)
			     : refuse_transfer(run, transfer, fault);
}

static enum outcome transfer_content(struct job_run *run,
				     const struct transfer *transfer)
{
	const struct listener_answer answer =
		transfer_job_ask(run, transfer->action);
	struct resource changed;
	const char *fault;

	if (is_listener_refusal(&answer))
		return refuse_transfer(run, transfer,
				       answer.why ? answer.why
						  : answer.message);
	if (answer.verdict != LISTENER_DONE)
		return retry_listener(run, &answer);
	fault = find_config_fault(run, transfer, answer.stored.config);
	if (fault)
		return handle_config_fault(run, transfer, &answer, fault);
	changed = seal_listener_answer(run, &answer);
	return conclude_unless_gone(
		run,
		transfer->store(&run->claim, &changed,
				job_run_can_call(run->addon, run->resource)),
		OUTCOME_OK);
}

enum outcome transfer_job_restore(struct job_run *run)
{
	static const struct transfer restore = { LISTENER_RESTORE,
						 job_result_restored,
						 job_result_restore_refused };

	return transfer_content(run, &restore);
}

enum outcome transfer_job_move(struct job_run *run)
{
	static const struct transfer move = { LISTENER_MOVE, job_result_moved,
					      job_result_move_refused };

	return transfer_content(run, &move);
}
