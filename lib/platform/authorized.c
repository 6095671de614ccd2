#include "lib/platform/authorized.h"

#include "lib/addon/addon.h"
#include "lib/jobs/listener_job.h"
#include "lib/store/grant.h"
#include "lib/store/job.h"

static struct token_need need_of(const struct inquiry *inquiry)
{
	const struct fulfilment *f = inquiry->f;

	return (struct token_need){
		.keeper = { f->db, f->keys, f->arena, f->resource->id },
		.platform = inquiry->platform,
		.secret = f->addon->client_secret,
		.user = f->addon->id,
		.password = f->addon->passwords.values[0],
		.uuid = f->resource->marketplace_id,
		.was_tried = !f->job || f->job->kind != JOB_EXCHANGE
			|| f->job->attempt > 1,
		.deadline = f->deadline,
	};
}

struct token inquiry_token(struct inquiry *inquiry)
{
	const struct token_need need = need_of(inquiry);

	if (!inquiry->token.access)
		inquiry->token = token_get(&need);
	return inquiry->token;
}

static void renew(struct inquiry *inquiry)
{
	const struct token_need need = need_of(inquiry);

	inquiry->token = token_renew(&need);
}

/* It has worked: the one before it is not needed any more. */
static void confirm(struct inquiry *inquiry)
{
	const struct token_need need = need_of(inquiry);

	grant_confirm(&need.keeper);
	inquiry->token.is_new = false;
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

static struct platform_answer call(const struct inquiry *inquiry,
				   struct platform_question *question)
{
	question->token = inquiry->token.access;
	return platform_ask(inquiry->platform, inquiry->f->arena, question);
}

struct platform_answer inquiry_ask(struct inquiry *inquiry,
				   struct platform_question question)
{
	const struct token *token = &inquiry->token;
	struct platform_answer answer;

	if (!question.uuid)
		question.uuid = inquiry->f->resource->marketplace_id;
	question.deadline = inquiry->f->deadline;
	if (inquiry_token(inquiry).verdict != TOKEN_READY)
		return no_token(token);
	answer = call(inquiry, &question);
	if (answer.verdict == PLATFORM_UNAUTHORIZED) {
		renew(inquiry);
		if (token->verdict != TOKEN_READY)
			return no_token(token);
		answer = call(inquiry, &question);
	}
	if (token->is_new && answer.verdict != PLATFORM_UNAUTHORIZED
	    && answer.verdict != PLATFORM_LATER)
		confirm(inquiry);
	return answer;
}
