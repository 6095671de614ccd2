#include "lib/fulfil.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon.h"
#include "lib/arena.h"
#include "lib/base.h"
#include "lib/clock.h"
#include "lib/fault.h"
#include "lib/job.h"
#include "lib/json.h"
#include "lib/secret.h"
#include "lib/settle.h"
#include "lib/vendor.h"

enum { LEASE_RESERVE = 5000 }; /* ms to store the result in */

int64_t fulfil_lease(int64_t deadline)
{
	return deadline - clock_now() + HOOK_GRACE + LEASE_RESERVE;
}

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

static struct vendor_answer ask(const struct fulfilment *f,
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

static enum outcome put_off(struct fulfilment *f,
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

/* Only an operator can help. */
static enum outcome give_up(struct fulfilment *f, const char *why)
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

/* How it ended, for who has waited: with outcome, unless that could not be
 * stored. */
static enum outcome end(struct fulfilment *f, const struct settlement *s,
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

/* The same, where a deprovision may have overtaken it: then the resource is not
 * in the state that it would have come to. */
static enum outcome conclude(struct fulfilment *f, const struct settlement *s,
			     enum outcome stored, enum resource_state expected,
			     enum outcome outcome)
{
	return end(f, s, stored, s->state == expected ? outcome : OUTCOME_GONE);
}

/* Of config that the marketplace has not asked for. */
static bool may_tell(const struct fulfilment *f)
{
	return addon_may_call(f->addon) && f->resource->has_live_grant;
}

static struct resource made_of(const struct fulfilment *f,
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

static struct dialect_answer told_of(const struct vendor_answer *answer)
{
	return (struct dialect_answer){
		.config = answer->kept.config,
		.message = answer->message,
		.log_drain_url = answer->log_drain_url,
	};
}

/* ---- what was asked for ---- */

static enum outcome refuse(struct fulfilment *f,
			   const struct vendor_answer *answer)
{
	bool is_failure = answer->verdict == HOOK_FAILED_FOR_GOOD;
	struct settlement s = fulfil_settlement(f);
	enum outcome stored;

	f->why = answer->why;
	f->complaint = answer->message;
	if (is_failure || !f->complaint)
		f->complaint = "The resource could not be provisioned. The "
			       "provider has been told.";
	stored = settle_refused(&s, f->complaint, is_failure);
	return conclude(f, &s, stored, RESOURCE_REFUSED, OUTCOME_INVALID);
}

/* It takes longer than the marketplace waits for an answer. */
static enum outcome promise(struct fulfilment *f,
			    const struct vendor_answer *answer)
{
	struct settlement s = fulfil_settlement(f);
	enum outcome stored;

	f->why = answer->why;
	stored = settle_promised(&s, (int64_t)answer->retry_after * 1000,
				 answer->may_still_run, answer->why);
	return conclude(f, &s, stored, RESOURCE_PROVISIONING, OUTCOME_ACCEPTED);
}

/* Neither there nor refused. */
static enum outcome not_yet(struct fulfilment *f,
			    const struct vendor_answer *answer)
{
	bool takes_longer =
		answer->verdict == HOOK_PENDING || clock_now() >= f->deadline;

	if (f->may_promise && takes_longer)
		return promise(f, answer);
	if (!f->resource->is_overdue)
		return put_off(f, answer);
	return refuse(f,
		      &(struct vendor_answer){
			      .verdict = HOOK_FAILED_FOR_GOOD,
			      .why = "it was not ready in time",
		      });
}

static enum outcome provision(struct fulfilment *f)
{
	const struct vendor_answer answer =
		ask(f, HOOK_PROVISION, f->resource->plan, NULL);
	struct settlement s = fulfil_settlement(f);
	struct resource made;
	enum outcome stored;

	if (answer.verdict == HOOK_REFUSED
	    || answer.verdict == HOOK_FAILED_FOR_GOOD)
		return refuse(f, &answer);
	if (answer.verdict != HOOK_DONE)
		return not_yet(f, &answer);
	made = made_of(f, &answer);
	f->answer = told_of(&answer);
	if (f->resource->is_promised) {
		stored = settle_made(&s, &made);
		return conclude(f, &s, stored, RESOURCE_PROVISIONING,
				OUTCOME_ACCEPTED);
	}
	stored = settle_provisioned(&s, &made);
	return conclude(f, &s, stored, RESOURCE_PROVISIONED, OUTCOME_OK);
}

static enum outcome refuse_plan(struct fulfilment *f,
				const struct vendor_answer *answer)
{
	struct settlement s = fulfil_settlement(f);
	enum outcome stored = settle_plan_refused(&s);

	f->why = answer->why;
	f->complaint = answer->verdict == HOOK_REFUSED && answer->message
		? answer->message
		: "The plan could not be changed. The provider has been told.";
	return conclude(f, &s, stored, RESOURCE_PROVISIONED, OUTCOME_INVALID);
}

static enum outcome change_plan(struct fulfilment *f)
{
	const struct vendor_answer answer =
		ask(f, HOOK_CHANGE_PLAN, f->job->plan, f->resource->plan);
	struct settlement s = fulfil_settlement(f);
	struct resource changed;
	enum outcome stored;

	if (answer.verdict == HOOK_REFUSED
	    || answer.verdict == HOOK_FAILED_FOR_GOOD)
		return refuse_plan(f, &answer);
	if (answer.verdict != HOOK_DONE)
		return put_off(f, &answer);
	changed = made_of(f, &answer);
	changed.plan = f->job->plan;
	f->answer = told_of(&answer);
	stored = settle_plan(&s, &changed,
			     strcmp(changed.plan, f->resource->plan) == 0
				     ? "plan-change-taken-back"
				     : "plan-changed",
			     false);
	return conclude(f, &s, stored, RESOURCE_PROVISIONED, OUTCOME_OK);
}

/* Nobody outside waits for it, so it is not left to block what comes behind. */
static enum outcome refuse_rotation(struct fulfilment *f,
				    const struct vendor_answer *answer)
{
	struct settlement s = fulfil_settlement(f);
	enum outcome stored;

	f->why = answer->why ? answer->why : answer->message;
	stored = settle_not_rotated(&s, f->why);
	return conclude(f, &s, stored, RESOURCE_PROVISIONED, OUTCOME_INVALID);
}

static enum outcome rotate(struct fulfilment *f)
{
	const struct vendor_answer answer =
		ask(f, HOOK_ROTATE, f->resource->plan, NULL);
	struct settlement s = fulfil_settlement(f);
	struct resource rotated;
	enum outcome stored;

	if (answer.verdict == HOOK_REFUSED
	    || answer.verdict == HOOK_FAILED_FOR_GOOD)
		return refuse_rotation(f, &answer);
	if (answer.verdict != HOOK_DONE)
		return put_off(f, &answer);
	rotated = made_of(f, &answer);
	stored = settle_rotated(&s, &rotated, may_tell(f));
	return conclude(f, &s, stored, RESOURCE_PROVISIONED, OUTCOME_OK);
}

/* ---- taking away ---- */

/* Of what is gone, was refused, or was begun and never told of. */
static enum outcome remove_it(struct fulfilment *f)
{
	const struct vendor_answer answer =
		ask(f, HOOK_DEPROVISION, f->resource->plan, NULL);
	struct settlement s = fulfil_settlement(f);
	enum outcome stored;

	switch (answer.verdict) {
	case HOOK_FAILED_FOR_GOOD:
		return give_up(f, answer.why);
	case HOOK_REFUSED:
		return give_up(f,
			       "the listener refuses, which a deprovision "
			       "cannot be");
	case HOOK_PENDING:
	case HOOK_FAILED:
		return put_off(f, &answer);
	case HOOK_DONE:
		break;
	}
	stored = settle_removed(&s);
	return end(f, &s, stored, OUTCOME_OK);
}

/* The vendor's side may already be at the plan that nobody was told of. */
static enum outcome restore_plan(struct fulfilment *f)
{
	const struct vendor_answer answer =
		ask(f, HOOK_CHANGE_PLAN, f->resource->plan, f->job->plan);
	struct settlement s = fulfil_settlement(f);
	struct resource restored;
	enum outcome stored;

	if (answer.verdict == HOOK_REFUSED
	    || answer.verdict == HOOK_FAILED_FOR_GOOD)
		return give_up(f,
			       answer.why ? answer.why
					  : "the listener refuses to go back "
					    "to the plan the resource has");
	if (answer.verdict != HOOK_DONE)
		return put_off(f, &answer);
	restored = made_of(f, &answer);
	restored.plan_message = f->resource->plan_message;
	stored = settle_plan(&s, &restored, "plan-change-taken-back",
			     may_tell(f));
	return end(f, &s, stored, OUTCOME_OK);
}

/* ---- either way ---- */

/* In which state a resource must be for the job to make sense: what comes too
 * late is finished without a word to the listener. */
static bool is_wanted(const struct fulfilment *f)
{
	enum resource_state state = f->resource->state;

	switch (f->job->kind) {
	case JOB_PROVISION:
		return state == RESOURCE_PROVISIONING;
	case JOB_CHANGE_PLAN:
	case JOB_ROTATE:
		return state == RESOURCE_PROVISIONED;
	default:
		return state == RESOURCE_DEPROVISIONING
			|| state == RESOURCE_REFUSED;
	}
}

typedef enum outcome step(struct fulfilment *f);

static enum outcome take(struct fulfilment *f, step *const steps[])
{
	enum outcome outcome;

	if (is_wanted(f))
		return steps[f->job->kind](f);
	outcome = job_finish(f->db, f->arena, f->job, "no longer wanted");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

enum outcome fulfil_forward(struct fulfilment *f)
{
	static step *const steps[] = {
		[JOB_PROVISION] = provision,
		[JOB_CHANGE_PLAN] = change_plan,
		[JOB_DEPROVISION] = remove_it,
		[JOB_ROTATE] = rotate,
	};

	return take(f, steps);
}

enum outcome fulfil_promise(struct fulfilment *f)
{
	return promise(f, &(struct vendor_answer){ .verdict = HOOK_PENDING });
}

enum outcome fulfil_back(struct fulfilment *f)
{
	static step *const steps[] = {
		[JOB_PROVISION] = remove_it,
		[JOB_CHANGE_PLAN] = restore_plan,
		[JOB_DEPROVISION] = remove_it,
		[JOB_ROTATE] = rotate,
	};

	return take(f, steps);
}
