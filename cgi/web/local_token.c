/*
 * local_token.c - reveals the token of a resource for the local API.
 */
#include "cgi/web/local.h"

#include "cgi/web/http.h"
#include "cgi/web/local_target.h"
#include "lib/base/arena.h"
#include "lib/provider/operator_api.h"
#include "lib/text/json.h"

static enum outcome respond_token(struct exchange *x,
				  const struct operator_api *api)
{
	const struct token token = operator_api_token(api, api->act->deadline);

	if (token.verdict != TOKEN_READY)
		return local_refuse(
			x,
			token.verdict == TOKEN_LATER ? OUTCOME_UNAVAILABLE
						     : OUTCOME_INVALID,
			arena_join(x->arena, "there is no token: ", token.why));
	x->response = operator_api_print_token(api, &token);
	return OUTCOME_OK;
}

static enum outcome reveal_token(struct exchange *x,
				 struct local_target *target)
{
	struct operator_api api;
	enum outcome outcome;

	outcome =
		operator_api_begin(x->provider, &target->act, target->resource,
				   "token-revealed", NULL, &api);
	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome, target->act.failure);
	outcome = respond_token(x, &api);
	operator_api_end(&api);
	return outcome;
}

enum outcome local_token(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", NULL };
	const struct json *body = NULL;
	struct local_target target;
	enum outcome outcome = local_read_object(x, &body);

	if (outcome == OUTCOME_OK && json_count(body) > 0)
		return local_refuse(x, OUTCOME_INVALID,
				    "the body must be empty");
	if (outcome == OUTCOME_OK)
		outcome = local_find_target(x, id, names, &target);
	return outcome == OUTCOME_OK ? reveal_token(x, &target) : outcome;
}
