#include "cgi/web/local_target.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/local.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

enum { LONGEST_ACTOR = 64 /* characters */ };

#define DEFAULT_ACTOR "local"

/* An actor becomes a part of events, tables and log lines. */
static bool is_actor(const char *name)
{
	size_t length = strspn(name,
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789.@_+-");

	return length > 0 && length <= LONGEST_ACTOR && name[length] == '\0';
}

enum outcome local_begin_act(struct exchange *x, struct operator_act *act)
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
		.deadline = x->deadline - HTTP_RESPONSE_TIME,
	};
	x->actor = act->actor;
	return OUTCOME_OK;
}

enum outcome local_find_resource(struct exchange *x,
				 struct local_target *target, const char *id,
				 const struct json **resource)
{
	const struct operator_target wanted = {
		.id = id,
		.marketplace = form_value(&target->query, "marketplace"),
		.addon = form_value(&target->query, "addon"),
	};
	struct operator_act *act = &target->act;
	struct json_rows found;
	enum outcome outcome =
		operator_find_resource(x->provider->db, act, &wanted, &found);

	if (outcome == OUTCOME_INVALID)
		act->failure = arena_join(x->arena, act->failure,
					  ": add addon= or marketplace= to the "
					  "query");
	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome, act->failure);
	*resource = found.list[0];
	return OUTCOME_OK;
}

enum outcome local_find_target(struct exchange *x, const char *id,
			       const char *const names[],
			       struct local_target *target)
{
	enum outcome outcome = local_begin_act(x, &target->act);

	if (outcome == OUTCOME_OK)
		outcome = local_read_query(x, names, &target->query);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = local_find_resource(x, target, id, &target->resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	x->resource_id = json_text(json_member(target->resource, "id"));
	return OUTCOME_OK;
}

enum outcome local_read_object(struct exchange *x, const struct json **object)
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
