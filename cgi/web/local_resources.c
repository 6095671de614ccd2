/*
 * local_resources.c - what the local API does with resources.
 */
#include "cgi/web/local.h"

#include <string.h>

#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/provider/operator_read.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum {
	LONGEST_ACTOR = 64,              /* characters */
	LONGEST_REASON = 255,            /* characters */
	MOST_OVERLAP = 7 * 24 * 60 * 60, /* s */
	DEFAULT_OVERLAP = 2 * 60 * 60    /* s */
};

#define DEFAULT_ACTOR "local"

/* ---- requests ---- */

/* An actor becomes a part of events, tables and log lines. */
static bool is_actor(const char *name)
{
	size_t length = strspn(name,
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789.@_+-");

	return length > 0 && length <= LONGEST_ACTOR && name[length] == '\0';
}

static enum outcome begin_act(struct exchange *x, struct operator_act *act)
{
	const char *name = x->operator? x->operator: DEFAULT_ACTOR;

	if (!is_actor(name))
		return local_refuse(x, OUTCOME_MALFORMED,
				    "X-Provisor-Actor must have 1 to 64 "
				    "letters, digits or characters of .@_+-");
	*act = (struct operator_act){
		.arena = x->arena,
		.actor = arena_printf(x->arena, "vendor:%s", name),
		.request_id = x->request_id,
		.deadline = x->deadline,
	};
	x->actor = act->actor;
	return OUTCOME_OK;
}

/* The resource that the path and the query name. */
struct target {
	struct operator_act act;
	const struct json *resource;
	struct form query;
};

static enum outcome find_target(struct exchange *x, const char *id,
				const char *const names[],
				struct target *target)
{
	struct operator_target wanted = { .id = id };
	struct json_rows found;
	enum outcome outcome = begin_act(x, &target->act);

	if (outcome == OUTCOME_OK)
		outcome = local_read_query(x, names, &target->query);
	if (outcome != OUTCOME_OK)
		return outcome;
	wanted.addon = form_value(&target->query, "addon");
	wanted.marketplace = form_value(&target->query, "marketplace");
	outcome = operator_find_resource(x->provider->db, &target->act, &wanted,
					 &found);
	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome, target->act.failure);
	target->resource = found.list[0];
	x->resource_id = json_text(json_member(target->resource, "id"));
	return OUTCOME_OK;
}

/* Read the body: an object, or nothing, which is an empty object. */
static enum outcome read_object(struct exchange *x, const struct json **object)
{
	const char *why;

	*object = json_object(x->arena);
	if (x->body_outcome != OUTCOME_OK)
		return x->body_outcome;
	if (x->body_length == 0)
		return OUTCOME_OK;
	*object = json_parse(x->arena, x->body, x->body_length, &why);
	if (*object && json_is_object(*object))
		return OUTCOME_OK;
	return local_refuse(x, OUTCOME_MALFORMED,
			    *object ? "the body is not a JSON object"
				    : arena_printf(x->arena,
						   "the body is not JSON: %s",
						   why));
}

/* ---- reading resources ---- */

enum outcome local_list_resources(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", "state",
					     "plan",        "text",  "after",
					     "limit",       NULL };
	struct operator_act act;
	struct form query;
	int64_t limit = LOCAL_DEFAULT;
	struct json_rows found;
	enum outcome outcome = begin_act(x, &act);

	(void)id;
	if (outcome == OUTCOME_OK)
		outcome = local_read_query(x, names, &query);
	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &query, "limit", 1, LOCAL_MOST,
					    &limit);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_select_resources(
		x->provider->db, &act,
		&(struct resource_list_query){
			.marketplace = form_value(&query, "marketplace"),
			.addon = form_value(&query, "addon"),
			.state = form_value(&query, "state"),
			.plan = form_value(&query, "plan"),
			.text = form_value(&query, "text"),
			.after = form_value(&query, "after"),
			.limit = (int)limit,
		},
		&found);
	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome, act.failure);
	x->response = local_write_page(
		x->arena, "resources", &found,
		found.is_cut ? json_print(
			x->arena,
			json_member(found.list[found.count - 1], "id"))
			     : "null");
	return OUTCOME_OK;
}

enum outcome local_show_resource(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", "reveal",
					     NULL };
	struct target target;
	const struct json *shown;
	int64_t reveals = 0;
	enum outcome outcome = find_target(x, id, names, &target);

	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &target.query, "reveal", 0, 1,
					    &reveals);
	if (outcome == OUTCOME_OK)
		outcome = operator_read_resource(x->provider, &target.act,
						 target.resource, reveals,
						 &shown);
	if (outcome != OUTCOME_OK)
		return outcome;
	x->response = json_print(x->arena, shown);
	return OUTCOME_OK;
}

/* ---- changing resources ---- */

/* What the query of a change may have. */
static const char *const change_names[] = { "marketplace", "addon", NULL };

static enum outcome refuse_local_change(struct exchange *x,
					const struct operator_act *act,
					enum outcome outcome)
{
	return local_refuse(x, outcome,
			    act->failure ? arena_printf(x->arena,
							"nothing is changed: "
							"%s",
							act->failure)
					 : NULL);
}

static enum outcome respond_effect(struct exchange *x, struct target *target,
				   enum outcome outcome,
				   enum provider_config_effect effect)
{
	static const char *const names[] = {
		[PROVIDER_CONFIG_UNCHANGED] = "unchanged",
		[PROVIDER_CONFIG_PUSHED] = "pushed",
		[PROVIDER_CONFIG_NOT_PUSHED] = "not-pushed",
		[PROVIDER_CONFIG_ROTATING] = "rotating",
	};
	struct json *response;

	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome,
				    target->act.failure ? arena_printf(
					    x->arena, "nothing is changed: %s",
					    target->act.failure)
							: NULL);
	response = json_object(x->arena);
	json_put_text(response, "id", x->resource_id);
	json_put_text(response, "effect", names[effect]);
	x->response = json_print(x->arena, response);
	return effect == PROVIDER_CONFIG_ROTATING ? OUTCOME_ACCEPTED
						  : OUTCOME_OK;
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
	struct target target;
	enum outcome outcome = read_object(x, &changes);

	if (outcome == OUTCOME_OK)
		outcome = require_changes(x, changes);
	if (outcome == OUTCOME_OK)
		outcome = find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_set_config(x->provider, &target.act, target.resource,
				      changes, false, &effect);
	return respond_effect(x, &target, outcome, effect);
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
	struct target target;
	int overlap = 0;
	enum outcome outcome = read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = read_overlap(x, body, &overlap);
	if (outcome == OUTCOME_OK)
		outcome = find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_rotate(x->provider, &target.act, target.resource,
				  overlap, false, &effect);
	return respond_effect(x, &target, outcome, effect);
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

static enum outcome respond_suspension(struct exchange *x,
				       enum provider_suspension_effect effect)
{
	static const char *const names[] = {
		[PROVIDER_SUSPENSION_UNCHANGED] = "unchanged",
		[PROVIDER_SUSPENSION_DONE] = "done",
		[PROVIDER_SUSPENSION_BEGUN] = "begun",
	};
	struct json *response = json_object(x->arena);

	json_put_text(response, "id", x->resource_id);
	json_put_text(response, "effect", names[effect]);
	x->response = json_print(x->arena, response);
	return effect == PROVIDER_SUSPENSION_BEGUN ? OUTCOME_ACCEPTED
						   : OUTCOME_OK;
}

static enum outcome change_suspension(
	struct exchange *x, const char *id,
	enum outcome (*change)(struct provider *provider,
			       struct operator_act *act,
			       const struct json *resource, const char *reason,
			       enum provider_suspension_effect *effect))
{
	enum provider_suspension_effect effect = PROVIDER_SUSPENSION_UNCHANGED;
	const struct json *body = NULL;
	const char *reason = NULL;
	struct target target;
	enum outcome outcome = read_object(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = read_local_reason(x, body, &reason);
	if (outcome == OUTCOME_OK)
		outcome = find_target(x, id, change_names, &target);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = change(x->provider, &target.act, target.resource, reason,
			 &effect);
	return outcome == OUTCOME_OK
		? respond_suspension(x, effect)
		: refuse_local_change(x, &target.act, outcome);
}

enum outcome local_suspend(struct exchange *x, const char *id)
{
	return change_suspension(x, id, operator_suspend);
}

enum outcome local_resume(struct exchange *x, const char *id)
{
	return change_suspension(x, id, operator_resume);
}
