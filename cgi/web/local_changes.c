/*
 * local_changes.c - changes resources for the local API.
 */
#include "cgi/web/local.h"

#include "cgi/web/http.h"
#include "cgi/web/local_target.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum {
	LONGEST_REASON = 255,            /* characters */
	MOST_OVERLAP = 7 * 24 * 60 * 60, /* s */
	DEFAULT_OVERLAP = 2 * 60 * 60    /* s */
};

/* What the query of a change may have. */
static const char *const change_names[] = { "marketplace", "addon", NULL };

/* The effect of a change: its name in the response, and the outcome. */
struct local_effect {
	const char *name;
	enum outcome outcome;
};

static const struct local_effect config_effects[] = {
	[PROVIDER_CONFIG_UNCHANGED] = { "unchanged", OUTCOME_OK },
	[PROVIDER_CONFIG_PUSHED] = { "pushed", OUTCOME_OK },
	[PROVIDER_CONFIG_NOT_PUSHED] = { "not-pushed", OUTCOME_OK },
	[PROVIDER_CONFIG_ROTATING] = { "rotating", OUTCOME_ACCEPTED },
	[PROVIDER_CONFIG_UNREADABLE] = { "unchanged", OUTCOME_OK },
};

static const struct local_effect suspension_effects[] = {
	[PROVIDER_SUSPENSION_UNCHANGED] = { "unchanged", OUTCOME_OK },
	[PROVIDER_SUSPENSION_DONE] = { "done", OUTCOME_OK },
	[PROVIDER_SUSPENSION_BEGUN] = { "begun", OUTCOME_ACCEPTED },
};

/* Respond to a change that has ended with outcome and, if that is OUTCOME_OK,
 * had this effect. */
static enum outcome respond_change(struct exchange *x,
				   const struct operator_act *act,
				   enum outcome outcome,
				   const struct local_effect *effect)
{
	struct json *response;

	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome,
				    act->failure ? arena_printf(
					    x->arena, "nothing is changed: %s",
					    act->failure)
						 : NULL);
	response = json_object(x->arena);
	json_put_text(response, "id", x->resource_id);
	json_put_text(response, "effect", effect->name);
	x->response = json_print(x->arena, response);
	return effect->outcome;
}

static enum outcome require_changes(struct exchange *x,
				    const struct json *changes)
{
	const struct json *m = json_first(changes);

	while (m && (json_text(m) || json_is_null(m)))
		m = json_next(m);
	if (!m && json_count(changes) > 0)
		return OUTCOME_OK;
	return local_refuse(x, OUTCOME_INVALID,
			    "the body must have names of config vars, each "
			    "with a string, or null to unset it");
}

enum outcome local_change_config(struct exchange *x, const char *id)
{
	enum provider_config_effect effect = PROVIDER_CONFIG_UNCHANGED;
	const struct json *changes = NULL;
	struct local_target target;
	enum outcome outcome = local_read_object(x, &changes);

	if (outcome == OUTCOME_OK)
		outcome = require_changes(x, changes);
	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_set_config(x->provider, &target.act, target.resource,
				      changes, false, &effect);
	return respond_change(x, &target.act, outcome, &config_effects[effect]);
}

/* Read the member "overlap", a duration; there is no other. */
static enum outcome read_overlap(struct exchange *x, const struct json *body,
				 int *overlap)
{
	const struct json *given = json_member(body, "overlap");
	int64_t ms = 1000LL * DEFAULT_OVERLAP;

	if (json_count(body) > (given ? 1 : 0)
	    || (given && !number_read_duration(json_text(given), &ms))
	    || ms > 1000LL * MOST_OVERLAP)
		return local_refuse(x, OUTCOME_INVALID,
				    "the body may have a member overlap, a "
				    "duration of at most 7d such as \"2h\", "
				    "and no other");
	*overlap = (int)((ms + 999) / 1000);
	return OUTCOME_OK;
}

enum outcome local_rotate(struct exchange *x, const char *id)
{
	enum provider_config_effect effect = PROVIDER_CONFIG_UNCHANGED;
	const struct json *body = NULL;
	struct local_target target;
	int overlap = 0;
	enum outcome outcome = local_read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = read_overlap(x, body, &overlap);
	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_rotate(x->provider, &target.act, target.resource,
				  overlap, false, &effect);
	return respond_change(x, &target.act, outcome, &config_effects[effect]);
}

/* Read the member "reason", a text; there is no other. */
static enum outcome read_local_reason(struct exchange *x,
				      const struct json *body,
				      const char **reason)
{
	const struct json *given = json_member(body, "reason");

	*reason = json_text(given);
	if (json_count(body) > (given ? 1 : 0)
	    || (given && (!*reason || utf8_count(*reason) > LONGEST_REASON)))
		return local_refuse(x, OUTCOME_INVALID,
				    "the body may have a member reason, a "
				    "text of at most 255 characters, and no "
				    "other");
	return OUTCOME_OK;
}

static enum outcome change_suspension(struct exchange *x, const char *id,
				      operator_suspension *change)
{
	enum provider_suspension_effect effect = PROVIDER_SUSPENSION_UNCHANGED;
	const struct json *body = NULL;
	const char *reason = NULL;
	struct local_target target;
	enum outcome outcome = local_read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = read_local_reason(x, body, &reason);
	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = change(x->provider, &target.act, target.resource, reason,
			 &effect);
	return respond_change(x, &target.act, outcome,
			      &suspension_effects[effect]);
}

enum outcome local_suspend(struct exchange *x, const char *id)
{
	return change_suspension(x, id, operator_suspend);
}

enum outcome local_resume(struct exchange *x, const char *id)
{
	return change_suspension(x, id, operator_resume);
}

/* ---- ends, and what follows ---- */

/* Read the member "now", true or false; there is no other. */
static enum outcome read_is_now(struct exchange *x, const struct json *body,
				bool *is_now)
{
	const struct json *given = json_member(body, "now");

	*is_now = json_is_true(given);
	if (json_count(body) > (given ? 1 : 0)
	    || (given && !json_is_bool(given)))
		return local_refuse(x, OUTCOME_INVALID,
				    "the body may have a member now, true or "
				    "false, and no other");
	return OUTCOME_OK;
}

enum outcome local_deprovision(struct exchange *x, const char *id)
{
	static const struct local_effect done = { "done", OUTCOME_OK },
					 unchanged = { "unchanged",
						       OUTCOME_OK };
	const struct json *body = NULL;
	struct local_target target;
	bool is_now = false;
	enum outcome outcome = local_read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = read_is_now(x, body, &is_now);
	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = is_now ? operator_deprovision_now(x->provider, &target.act,
						    target.resource)
			 : operator_deprovision(x->provider, &target.act,
						target.resource);
	return outcome == OUTCOME_GONE
		? respond_change(x, &target.act, OUTCOME_OK, &unchanged)
		: respond_change(x, &target.act, outcome, &done);
}

/* Find the resource that the member "to" names; there is no other. */
static enum outcome find_restore_target(struct exchange *x,
					struct local_target *target,
					const struct json *body,
					const struct json **resource)
{
	const char *id = json_text(json_member(body, "to"));

	if (!id || json_count(body) != 1)
		return local_refuse(x, OUTCOME_INVALID,
				    "the body must have a member to, the id of "
				    "the new resource, and no other");
	return local_find_resource(x, target, id, resource);
}

enum outcome local_restore(struct exchange *x, const char *id)
{
	static const struct local_effect begun = { "begun", OUTCOME_ACCEPTED };
	const struct json *body = NULL, *resource = NULL;
	struct local_target target;
	enum outcome outcome = local_read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, change_names, &target);
	if (outcome == OUTCOME_OK)
		outcome = find_restore_target(x, &target, body, &resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_restore(x->provider, &target.act, target.resource,
				   resource);
	return respond_change(x, &target.act, outcome, &begun);
}
