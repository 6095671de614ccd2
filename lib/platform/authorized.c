#include "lib/platform/authorized.h"

#include "lib/addon/addon.h"
#include "lib/store/grant.h"
#include "lib/store/resource.h"

struct authorized authorized_begin(struct platform *platform,
				   const struct grant_keeper *keeper,
				   const struct addon *addon,
				   const struct resource *resource,
				   int64_t deadline)
{
	return (struct authorized){
		.need = {
			.keeper = *keeper,
			.platform = platform,
			.secret = addon->client_secret,
			.user = addon->id,
			.password = addon->passwords.values[0],
			.uuid = resource->marketplace_id,
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

static void renew(struct authorized *authorized)
{
	authorized->token = token_renew(&authorized->need);
}

/* It has worked: the one before it is not needed any more. */
static void confirm(struct authorized *authorized)
{
	grant_confirm(&authorized->need.keeper);
	authorized->token.is_new = false;
}

static struct platform_answer no_token(const struct token *token)
{
	return (struct platform_answer){
		.verdict = token->verdict == TOKEN_LATER
			? PLATFORM_LATER
			: PLATFORM_UNAUTHORIZED,
		.remaining = -1,
		.retry_after = token->retry_after,
		.why = token->why,
	};
}

static struct platform_answer call(const struct authorized *authorized,
				   struct platform_question *question)
{
	question->token = authorized->token.access;
	return platform_ask(authorized->need.platform,
			    authorized->need.keeper.arena, question);
}

struct platform_answer authorized_ask(struct authorized *authorized,
				      struct platform_question question)
{
	const struct token *token = &authorized->token;
	struct platform_answer answer;

	if (!question.uuid)
		question.uuid = authorized->need.uuid;
	question.deadline = authorized->need.deadline;
	if (authorized_token(authorized).verdict != TOKEN_READY)
		return no_token(token);
	answer = call(authorized, &question);
	if (answer.verdict == PLATFORM_UNAUTHORIZED) {
		renew(authorized);
		if (token->verdict != TOKEN_READY)
			return no_token(token);
		answer = call(authorized, &question);
	}
	if (token->is_new && answer.verdict != PLATFORM_UNAUTHORIZED
	    && answer.verdict != PLATFORM_LATER)
		confirm(authorized);
	return answer;
}
