#include "lib/jobs/internal.h"

#include <stdlib.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/crash_point.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/crypto/sealing.h"

/* ---- asking ---- */

/* One job may ask for several things, one after the other: a plan change may be
 * to another plan by now, be taken back, and be asked for once more. */
static const char *key_of(const struct fulfilment *f, enum hook_action action,
			  const char *plan)
{
	char digest[SECRET_SHA256_HEX + 1];
	const char *const parts[] = {
		hook_action_name(action),
		"\n",
		arena_printf(f->arena, "%d\n", f->job->turn),
		plan ? plan : "",
	};

	if (!secret_sha256_hex(parts, COUNT(parts), digest))
		abort();
	return arena_printf(f->arena, "%s-%s-%.16s", f->resource->id,
			    f->job->id, digest);
}

struct vendor_answer fulfil_ask(const struct fulfilment *f,
				enum hook_action action, const char *plan,
				const char *old_plan)
{
	const struct vendor_question question = {
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
	struct vendor_answer answer;

	fault_point(job_kind_name(f->job->kind), "asking");
	answer = vendor_ask(f->keys, f->arena, &question);
	fault_point(job_kind_name(f->job->kind), "asked");
	return answer;
}

/* ---- not yet ---- */

enum outcome fulfil_put_off(struct fulfilment *f, int64_t delay,
			    bool keeps_lease, const char *why)
{
	enum outcome outcome =
		job_put_off(f->db, f->arena, f->job, delay, keeps_lease, why);

	f->why = why;
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}

enum outcome fulfil_wait(struct fulfilment *f,
			 const struct vendor_answer *answer)
{
	int64_t delay = f->delay;
	enum outcome outcome;

	if (delay == 0 && answer->retry_after > 0)
		delay = (int64_t)answer->retry_after * 1000;
	if (delay == 0)
		delay = job_back_off(f->job->attempt);
	f->complaint = answer->verdict == HOOK_PENDING
		? "The resource is being made ready. Please try again in a "
		  "moment."
		: NULL;
	outcome = fulfil_put_off(f, delay, answer->may_still_run,
				 answer->why ? answer->why
					     : "the listener is not ready yet");
	fault_point(job_kind_name(f->job->kind), "put-off");
	return outcome;
}

enum outcome fulfil_give_up(struct fulfilment *f, const char *why)
{
	return fulfil_put_off(f, JOB_NEVER, false, why);
}

/* ---- settling ---- */

struct settlement fulfil_settlement(const struct fulfilment *f)
{
	return (struct settlement){
		.db = f->db,
		.arena = f->arena,
		.job = f->job,
		.actor = f->actor,
	};
}

enum outcome fulfil_end(struct fulfilment *f, const struct settlement *s,
			enum outcome stored, enum outcome outcome)
{
	if (stored != OUTCOME_OK)
		return stored;
	fault_point(job_kind_name(f->job->kind), "settled");
	if (s->is_held)
		return outcome;
	f->why = "the claim was lost to somebody who came after its lease";
	return OUTCOME_UNAVAILABLE;
}

enum outcome fulfil_conclude(struct fulfilment *f, const struct settlement *s,
			     enum outcome stored, enum resource_state expected,
			     enum outcome outcome)
{
	return fulfil_end(f, s, stored,
			  s->state == expected ? outcome : OUTCOME_GONE);
}

bool fulfil_may_tell(const struct fulfilment *f)
{
	return addon_may_call(f->addon) && f->resource->has_live_grant;
}

struct resource fulfil_made(const struct fulfilment *f,
			    const struct vendor_answer *answer)
{
	struct resource made = *f->resource;

	made.config = kept_seal(f->keys, f->arena, made.id, &answer->kept);
	made.message = made.plan_message = answer->message;
	made.log_drain_url =
		kept_seal_text(f->keys, f->arena, made.id, KEPT_LOG_DRAIN,
			       answer->log_drain_url);
	return made;
}
