#include "lib/platform/token.h"

#include <stddef.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/platform/platform.h"

enum {
	EXPIRES_SOON = 90, /* seconds */
	STORE_AGAIN = 200  /* ms */
};

static struct token no_token(const char *why)
{
	return (struct token){ .verdict = TOKEN_NONE, .why = why };
}

static struct token later_token(const char *why, int retry_after)
{
	return (struct token){
		.verdict = TOKEN_LATER,
		.retry_after = retry_after,
		.why = why,
	};
}

/* The code is used up, so the tokens must not be lost: retry until the
 * deadline. */
static bool store_tokens(const struct token_need *need,
			 const struct grant *grant,
			 const struct platform_tokens *tokens)
{
	const struct timespec moment = { .tv_nsec = STORE_AGAIN * 1000000L };

	while (grant_store_tokens(&need->place, grant, tokens->access,
				  tokens->refresh, tokens->expires_in)
	       != OUTCOME_OK) {
		if (clock_now() + STORE_AGAIN >= need->deadline)
			return false;
		nanosleep(&moment, NULL);
	}
	return true;
}

/* Store the tokens that the marketplace has sent. */
static struct token take_tokens(const struct token_need *need,
				const struct grant *grant,
				const struct platform_response *response,
				const struct platform_tokens *tokens)
{
	if (response->verdict == PLATFORM_REFUSED
	    || response->verdict == PLATFORM_GONE)
		return no_token(response->why);
	/* The code or token may work with another client secret. */
	if (response->verdict != PLATFORM_DONE)
		return later_token(response->why, response->retry_after);
	if (!store_tokens(need, grant, tokens))
		return later_token("the new token could not be stored", 0);
	return (struct token){
		.verdict = TOKEN_READY,
		.access = tokens->access,
		.left = tokens->expires_in,
		.is_new = true,
	};
}

static bool is_refusal(const struct platform_response *response)
{
	return response->verdict == PLATFORM_REFUSED
		|| response->verdict == PLATFORM_GONE
		|| response->verdict == PLATFORM_UNAUTHORIZED;
}

static struct token exchange_code(const struct token_need *need,
				  const struct grant *grant, const char *code)
{
	struct platform_tokens tokens;
	struct platform_response response =
		platform_exchange(need->platform, need->place.arena, &need->api,
				  code, need->deadline, &tokens);
	struct token token = take_tokens(need, grant, &response, &tokens);

	token.is_refused = is_refusal(&response);
	return token;
}

/* A process that died may have used the code.  Request another grant.  If the
 * marketplace refuses its new code, the client secret is wrong. */
static struct token request_new_grant(const struct token_need *need,
				      const struct grant *grant)
{
	const char *code;
	struct token token;
	struct platform_response response =
		platform_new_grant(need->platform, need->place.arena,
				   &need->api, need->id, need->deadline, &code);

	/* A 404 means that the marketplace gives this add-on no grants. */
	if (response.verdict == PLATFORM_LATER && response.status != 404
	    && !grant->code_is_live)
		return later_token(response.why, response.retry_after);
	if (response.verdict != PLATFORM_DONE)
		return no_token(grant->code
					? "the grant expired before it was "
					  "exchanged"
					: "the marketplace sent no grant that "
					  "can be exchanged");
	token = exchange_code(need, grant, code);
	token.is_refused = false;
	return token;
}

/*
 * With another client secret, a code may work as long as it has not expired.
 *
 * If the marketplace has refused a code in time, report that, and not the
 * result of the request for another one.
 */
static struct token give_up_code(const struct token_need *need,
				 const struct grant *grant,
				 const struct token tries[2])
{
	for (int i = 0; i < 2; i++)
		if (tries[i].verdict == TOKEN_LATER && grant->code_is_live)
			return later_token(tries[i].why, 0);
	(void)!grant_miss(&need->place);
	return no_token(
		tries[grant->code_is_live && !need->was_tried ? 0 : 1].why);
}

/* Try the code even if it seems to have expired: the clock of the database may
 * be wrong. */
static struct token exchange_grant(const struct token_need *need,
				   const struct grant *grant)
{
	struct token tries[2];

	for (int i = 0; i < 2; i++) {
		bool asks_anew = need->was_tried == (i == 0);

		tries[i] = asks_anew ? request_new_grant(need, grant)
				     : exchange_code(need, grant, grant->code);
		if (tries[i].verdict != TOKEN_NONE && !tries[i].is_refused)
			return tries[i];
	}
	return give_up_code(need, grant, tries);
}

/* Try the current refresh token, then the previous one: if the current one was
 * never used, the marketplace may know only the previous one. */
static struct token refresh_token(const struct token_need *need,
				  const struct grant *grant)
{
	const char *const known[] = { grant->refresh_token,
				      grant->previous_refresh_token };
	struct platform_response response = { .verdict = PLATFORM_REFUSED };
	struct token token = no_token("there is no refresh token");

	for (int i = 0; i < 2 && known[i] && token.verdict != TOKEN_READY
	     && response.verdict != PLATFORM_LATER;
	     i++) {
		struct platform_tokens tokens;
		struct grant before = *grant;

		before.refresh_token = known[i];
		response = platform_refresh(need->platform, need->place.arena,
					    &need->api, known[i],
					    need->deadline, &tokens);
		token = take_tokens(need, &before, &response, &tokens);
		token.is_refused = is_refusal(&response);
	}
	return token;
}

/* If there is no other grant either, report why the refresh has failed.  A
 * refresh token is refused once the resource is gone, but also if its
 * replacement was lost with a part of the database. */
static struct token refresh_or_request_grant(const struct token_need *need,
					     const struct grant *grant)
{
	struct token refreshed = refresh_token(need, grant), renewed;

	if (refreshed.verdict != TOKEN_NONE && !refreshed.is_refused)
		return refreshed;
	renewed = request_new_grant(need, grant);
	return renewed.verdict == TOKEN_NONE ? refreshed : renewed;
}

static struct token find_token(const struct token_need *need, bool renews)
{
	struct grant grant;
	bool found;

	if (!need->api.secret)
		return no_token("settings.json names no client_secret_file");
	if (grant_read(&need->place, &grant, &found) != OUTCOME_OK)
		return later_token("the grant could not be read", 0);
	if (!found)
		return no_token("the resource is gone");
	if (grant.access_token && !renews
	    && grant.access_token_left
		    > (need->least > 0 ? need->least : EXPIRES_SOON))
		return (struct token){
			.verdict = TOKEN_READY,
			.access = grant.access_token,
			.left = grant.access_token_left,
			.is_new = grant.previous_refresh_token != NULL,
		};
	if (grant.access_token)
		return refresh_or_request_grant(need, &grant);
	return grant.code ? exchange_grant(need, &grant)
			  : request_new_grant(need, &grant);
}

struct token token_get(const struct token_need *need)
{
	return find_token(need, false);
}

struct token token_renew(const struct token_need *need)
{
	return find_token(need, true);
}
