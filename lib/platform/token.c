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
		.is_new = true,
	};
}

static struct token exchange_code(const struct token_need *need,
				  const struct grant *grant, const char *code)
{
	struct platform_tokens tokens;
	struct platform_response response =
		platform_exchange(need->platform, need->place.arena, code,
				  need->secret, need->deadline, &tokens);

	return take_tokens(need, grant, &response, &tokens);
}

/* A process that died may have used the code.  Request another grant. */
static struct token request_new_grant(const struct token_need *need,
				      const struct grant *grant)
{
	const char *code;
	struct platform_response response = platform_new_grant(
		need->platform, need->place.arena, need->uuid, need->user,
		need->password, need->deadline, &code);

	/* A 404 means that the marketplace gives this add-on no grants. */
	if (response.verdict == PLATFORM_LATER && response.status != 404
	    && !grant->code_is_live)
		return later_token(response.why, response.retry_after);
	if (response.verdict != PLATFORM_DONE)
		return no_token(grant->code
					? "the grant has expired before it was "
					  "exchanged"
					: "the marketplace has sent no grant "
					  "that can be exchanged");
	return exchange_code(need, grant, code);
}

static struct token exchange_grant(const struct token_need *need,
				   const struct grant *grant)
{
	bool is_fresh = grant->code_is_live && !need->was_tried;
	struct token token = is_fresh ? exchange_code(need, grant, grant->code)
				      : request_new_grant(need, grant);

	if (token.verdict == TOKEN_NONE && !is_fresh && grant->code_is_live)
		token = exchange_code(need, grant, grant->code);
	if (token.verdict == TOKEN_NONE)
		(void)!grant_miss(&need->place);
	return token;
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
					    known[i], need->secret,
					    need->deadline, &tokens);
		token = take_tokens(need, &before, &response, &tokens);
	}
	return token;
}

/* If there is no other grant either, report why the refresh has failed. */
static struct token refresh_or_request_grant(const struct token_need *need,
					     const struct grant *grant)
{
	struct token refreshed = refresh_token(need, grant), renewed;

	if (refreshed.verdict != TOKEN_NONE)
		return refreshed;
	renewed = request_new_grant(need, grant);
	return renewed.verdict == TOKEN_NONE ? refreshed : renewed;
}

static struct token find_token(const struct token_need *need, bool renews)
{
	struct grant grant;
	bool found;

	if (!need->secret)
		return no_token("settings.json names no client_secret_file");
	if (grant_read(&need->place, &grant, &found) != OUTCOME_OK)
		return later_token("the grant could not be read", 0);
	if (!found)
		return no_token("the resource is gone");
	if (grant.access_token && !renews
	    && grant.access_token_left > EXPIRES_SOON)
		return (struct token){
			.verdict = TOKEN_READY,
			.access = grant.access_token,
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
