/*
 * operator_direct.c - what an operator does for customers without a
 * marketplace, and for those who move.
 */
#include "lib/provider/operator_call.h"

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/call.h"
#include "lib/settings/settings.h"
#include "lib/text/json.h"

/* The listener may take as long as for a marketplace.  The command is no
 * process of a pool, so it needs no place in one. */
static void set_call_times(const struct provider *provider,
			   struct provider_call *call)
{
	call->listen_until =
		call->deadline - provider->settings->answer_limit / 4;
	call->has_place = true;
	call->place = -1;
}

static enum outcome require_direct(struct provider_call *call)
{
	return call->addon->dialect->is_direct
		? OUTCOME_OK
		: provider_fail(call, OUTCOME_INVALID,
				"its marketplace does this: only an add-on in "
				"the folder direct has resources without a "
				"marketplace");
}

/* Return the request as a marketplace would send it, so that it is checked in
 * the same way. */
static const struct json *write_request(struct arena *arena,
					const struct operator_new *new)
{
	struct json *request = json_object(arena);

	json_put_text(request, "id", new->key);
	json_put_text(request, "plan", new->plan);
	json_put_text(request, "name", new->name);
	json_put_text(request, "region", new->region);
	json_put(request, "options", new->options);
	return request;
}

static enum outcome begin_call_at(const struct provider *provider,
				  struct operator_act *act,
				  const char *marketplace, const char *addon,
				  struct provider_call *call)
{
	struct json *place = json_object(act->arena);

	json_put_text(place, "marketplace", marketplace);
	json_put_text(place, "addon", addon);
	return operator_begin_call(provider, act, place, call);
}

enum outcome operator_create(struct provider *provider,
			     struct operator_act *act,
			     const struct operator_new *new,
			     struct dialect_response *response, bool *is_repeat)
{
	struct arena *arena = act->arena;
	struct provision_request request;
	struct provider_call call;
	enum outcome outcome;

	outcome = begin_call_at(provider, act, new->marketplace, new->addon,
				&call);
	if (outcome == OUTCOME_OK)
		outcome = require_direct(&call);
	if (outcome == OUTCOME_OK)
		outcome = dialect_read_provision(call.addon->dialect, arena,
						 write_request(arena, new),
						 &request, &call.failure);
	if (outcome == OUTCOME_OK) {
		set_call_times(provider, &call);
		outcome =
			provider_provision(provider, &call, &request, response);
	}
	*is_repeat = call.is_repeat;
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_change_plan(struct provider *provider,
				  struct operator_act *act,
				  const struct json *resource, const char *plan,
				  struct dialect_response *response)
{
	const char *id = json_text(json_member(resource, "provider_id"));
	struct provider_call call;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	if (outcome == OUTCOME_OK)
		outcome = require_direct(&call);
	if (outcome == OUTCOME_OK) {
		set_call_times(provider, &call);
		call.keeps = true;
		outcome = provider_change_plan(provider, &call, id, plan,
					       response);
	}
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_move(struct provider *provider, struct operator_act *act,
			   const struct json *resource,
			   const struct operator_move *to, const char **target,
			   bool *is_repeat)
{
	const struct provider_move request = {
		.from = json_text(json_member(resource, "id")),
		.key = to->key,
		.plan = to->plan,
	};
	struct provider_call call;
	enum outcome outcome;

	outcome =
		begin_call_at(provider, act, to->marketplace, to->addon, &call);
	if (outcome == OUTCOME_OK)
		outcome = provider_move(provider, &call, &request, target);
	*is_repeat = call.is_repeat;
	return operator_end_call(act, &call, outcome);
}
