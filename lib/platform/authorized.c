#include "lib/platform/authorized.h"

#include "lib/addon/addon.h"
#include "lib/dialect/dialect.h"
#include "lib/store/grant.h"
#include "lib/store/resource.h"

const char *authorized_id(const struct addon *addon,
			  const struct resource *resource)
{
	return addon->dialect->api->names_app ? resource->name
					      : resource->marketplace_id;
}

struct authorized authorized_begin(struct platform *platform,
				   const struct grant_place *place,
				   const struct addon *addon,
				   const struct resource *resource,
				   int64_t deadline)
{
	return (struct authorized){
		.need = {
			.place = *place,
			.platform = platform,
			.api = platform_api_of(platform_config(platform), addon),
			.id = authorized_id(addon, resource),
			.deadline = deadline,
		},
	};
}

struct token authorized_token(struct authorized *authorized)
{
	if (!authorized->token.access)
		authorized->token = token_get(&authorized->need);
	return authorized->token;
}

static void renew_token(struct authorized *authorized)
{
	authorized->token = token_renew(&authorized->need);
}

/* The new token has worked, so the previous one is no longer needed. */
static void confirm_token(struct authorized *authorized)
{
	(void)!grant_confirm(&authorized->need.place);
	authorized->token.is_new = false;
}

static struct platform_response respond_without_token(const struct token *token)
{
	return (struct platform_response){
		.verdict = token->verdict == TOKEN_LATER
			? PLATFORM_LATER
			: PLATFORM_UNAUTHORIZED,
		.remaining = -1,
		.retry_after = token->retry_after,
		.why = token->why,
	};
}

static struct platform_response
call_with_token(const struct authorized *authorized,
		struct platform_request *request)
{
	request->token = authorized->token.access;
	return platform_ask(authorized->need.platform,
			    authorized->need.place.arena, &authorized->need.api,
			    request);
}

struct platform_response authorized_ask(struct authorized *authorized,
					struct platform_request request)
{
	const struct token *token = &authorized->token;
	struct platform_response response;

	if (!request.id)
		request.id = authorized->need.id;
	request.deadline = authorized->need.deadline;
	if (authorized->need.api.form->authorization == DIALECT_BASIC)
		return call_with_token(authorized, &request);
	if (authorized_token(authorized).verdict != TOKEN_READY)
		return respond_without_token(token);
	response = call_with_token(authorized, &request);
	if (response.verdict == PLATFORM_UNAUTHORIZED
	    && !authorized->refuses_new_token) {
		renew_token(authorized);
		if (token->verdict != TOKEN_READY)
			return respond_without_token(token);
		response = call_with_token(authorized, &request);
		authorized->refuses_new_token =
			response.verdict == PLATFORM_UNAUTHORIZED;
	}
	if (token->is_new && response.verdict != PLATFORM_UNAUTHORIZED
	    && response.verdict != PLATFORM_LATER)
		confirm_token(authorized);
	return response;
}
