/*
 * operator_job.c - acts of an operator on an unfinished job.
 */
#include "lib/provider/operator_call.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/store/job_list.h"
#include "lib/store/job_operator.h"
#include "lib/store/resource.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum { ACT_RETRY = 1, ACT_CANCEL = 2 }; /* bits */

/* The states of a job in which an act is refused, with a sentence that begins
 * with the job: text, the member detail, and rest. */
/* clang-format off */
static const struct refusal {
	const char *state; /* of job_list.h */
	unsigned int acts;
	enum outcome outcome;
	const char *text, *detail, *rest;
} refusals[] = {
	{ "done",    ACT_RETRY | ACT_CANCEL, OUTCOME_GONE,    "is already done", NULL, "" },
	{ "running", ACT_RETRY | ACT_CANCEL, OUTCOME_INVALID, "is running: its lease ends at ", "at", "; if its process was killed, it is due again then" },
	{ "held",    ACT_RETRY,              OUTCOME_INVALID, "is held, because the database was restored or has failed over since: provisor restored", NULL, "" },
	{ "blocked", ACT_RETRY,              OUTCOME_INVALID, "cannot be retried: job ", "blocked_by", " of the same resource comes first: retry that one" },
};
/* clang-format on */

/* Return a member, a string or a number, as text. */
static const char *member_text(const struct operator_act *act,
			       const struct json *job, const char *member)
{
	const struct json *value = json_member(job, member);

	return json_text(value) ? json_text(value)
				: json_print(act->arena, value);
}

static enum outcome require_possible(struct operator_act *act,
				     const struct json *job,
				     unsigned int wanted)
{
	const char *state = member_text(act, job, "state");

	for (size_t i = 0; i < COUNT(refusals); i++) {
		const struct refusal *r = &refusals[i];

		if (!(r->acts & wanted) || strcmp(r->state, state) != 0)
			continue;
		return operator_fail(
			act, r->outcome,
			arena_printf(act->arena, "job %s %s%s%s",
				     member_text(act, job, "id"), r->text,
				     r->detail
					     ? member_text(act, job, r->detail)
					     : "",
				     r->rest));
	}
	return OUTCOME_OK;
}

static enum outcome fail_changed(struct operator_act *act, const char *id)
{
	return operator_fail(act, OUTCOME_INVALID,
			     arena_printf(act->arena,
					  "job %s was claimed or finished "
					  "meanwhile; provisor jobs show %s "
					  "shows its state",
					  id, id));
}

enum outcome operator_find_job(struct db *db, struct operator_act *act,
			       const char *id, const struct json **job)
{
	enum outcome outcome = OUTCOME_OK;
	const struct json *found = NULL;
	int64_t number;

	if (number_read(id, 0, INT64_MAX, &number))
		outcome = job_list_show(db, act->arena, id, &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found)
		return operator_fail(
			act, OUTCOME_NOT_FOUND,
			arena_printf(act->arena, "no job has the id %s", id));
	*job = found;
	return OUTCOME_OK;
}

enum outcome operator_retry_job(struct db *db, struct operator_act *act,
				const struct json *job)
{
	const struct resource_actor actor = operator_actor(act);
	const char *id = member_text(act, job, "id");
	bool done = false;
	enum outcome outcome = require_possible(act, job, ACT_RETRY);

	if (outcome == OUTCOME_OK)
		outcome = job_operator_retry(db, act->arena, id, &actor, &done);
	if (outcome != OUTCOME_OK)
		return outcome;
	return done ? OUTCOME_OK : fail_changed(act, id);
}

enum outcome operator_may_cancel_job(struct operator_act *act,
				     const struct json *job)
{
	return require_possible(act, job, ACT_CANCEL);
}

enum outcome operator_cancel_job(struct db *db, struct operator_act *act,
				 const struct json *job, const char **state)
{
	const struct resource_actor actor = operator_actor(act);
	const char *id = member_text(act, job, "id");
	bool done = false;
	enum outcome outcome = require_possible(act, job, ACT_CANCEL);

	if (outcome == OUTCOME_OK)
		outcome = job_operator_cancel(db, act->arena, id, &actor, &done,
					      state);
	if (outcome != OUTCOME_OK)
		return outcome;
	return done ? OUTCOME_OK : fail_changed(act, id);
}
