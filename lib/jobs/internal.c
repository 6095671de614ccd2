#include "lib/jobs/internal.h"

#include <stdlib.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/crash_point.h"
#include "lib/store/job.h"
#include "lib/crypto/digest.h"

/* ---- asking ---- */

/* One job may ask for several things, one after the other: a plan change may be
 * to another plan by now, be taken back, and be asked for once more. */
static const char *key_of(const struct job_run *f, enum listener_action action,
			  const char *plan)
{
	char digest[DIGEST_SHA256_HEX + 1];
	const char *const parts[] = {
		listener_action_name(action),
		"\n",
		arena_printf(f->arena, "%d\n", f->job->turn),
		plan ? plan : "",
	};

	if (!digest_sha256_hex(parts, COUNT(parts), digest))
		abort();
	return arena_printf(f->arena, "%s-%s-%.16s", f->resource->id,
			    f->job->id, digest);
}

struct listener_answer job_run_ask(const struct job_run *f,
				   enum listener_action action,
				   const char *plan, const char *old_plan)
{
	const struct listener_call question = {
		.addon = f->addon,
		.resource = f->resource,
		.action = action,
		.plan = plan,
		.old_plan = old_plan,
		.overlap = f->job->overlap,
		.key = key_of(f, action, plan),
		.attempt = f->job->attempt,
		.deadline = f->deadline,
		.wait_until = f->wait_until,
	};
	struct listener_answer answer;

	crash_point(job_kind_name(f->job->kind), "asking");
	answer = listener_ask(f->keys, f->arena, &question);
	crash_point(job_kind_name(f->job->kind), "asked");
	return answer;
}

/* ---- not yet ---- */

enum outcome job_run_put_off(struct job_run *f, int64_t delay, bool keeps_lease,
			     const char *why)
{
	enum outcome outcome =
		job_put_off(f->db, f->arena, f->job, delay, keeps_lease, why);

	f->why = why;
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}

enum outcome job_run_wait(struct job_run *f,
			  const struct listener_answer *answer)
{
	int64_t delay = f->delay;
	enum outcome outcome;

	if (delay == 0 && answer->retry_after > 0)
		delay = (int64_t)answer->retry_after * 1000;
	if (delay == 0)
		delay = job_back_off(f->job->attempt);
	f->complaint = answer->verdict == LISTENER_PENDING
		? "The resource is being made ready. Please try again in a "
		  "moment."
		: NULL;
	outcome = job_run_put_off(
		f, delay, answer->may_still_run,
		answer->why ? answer->why : "the listener is not ready yet");
	crash_point(job_kind_name(f->job->kind), "put-off");
	return outcome;
}

enum outcome job_run_give_up(struct job_run *f, const char *why)
{
	return job_run_put_off(f, JOB_NEVER, false, why);
}

/* ---- settling ---- */

struct claimed_job job_run_settlement(const struct job_run *f)
{
	return (struct claimed_job){
		.db = f->db,
		.arena = f->arena,
		.job = f->job,
		.actor = f->actor,
	};
}

enum outcome job_run_end(struct job_run *f, const struct claimed_job *s,
			 enum outcome stored, enum outcome outcome)
{
	if (stored != OUTCOME_OK)
		return stored;
	crash_point(job_kind_name(f->job->kind), "settled");
	if (s->is_held)
		return outcome;
	f->why = "the claim was lost to somebody who came after its lease";
	return OUTCOME_UNAVAILABLE;
}

enum outcome job_run_conclude(struct job_run *f, const struct claimed_job *s,
			      enum outcome stored, enum resource_state expected,
			      enum outcome outcome)
{
	return job_run_end(f, s, stored,
			   s->state == expected ? outcome : OUTCOME_GONE);
}

bool job_run_may_tell(const struct job_run *f)
{
	return addon_may_call(f->addon) && f->resource->has_live_grant;
}
