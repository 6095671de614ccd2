#include "lib/platform/token.h"

#include <stddef.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/platform/platform.h"

enum {
	EXPIRES_SOON = 90, /* seconds */
	KEEP_AGAIN = 200   /* ms */
};

static struct token none(const char *why)
{
	return (struct token){ .verdict = TOKEN_NONE, .why = why };
}

static struct token later(const char *why, int retry_after)
{
	return (struct token){
		.verdict = TOKEN_LATER,
		.retry_after = retry_after,
		.why = why,
	};
}

/* It was given for what is used up by now, so it is not let go of while there
 * is time. */
static bool keep(const struct token_need *need, const struct grant *grant,
		 const struct platform_tokens *tokens)
{
	const struct timespec moment = { .tv_nsec = KEEP_AGAIN * 1000000L };

	while (grant_take(&need->keeper, grant, tokens->access, tokens->refresh,
			  tokens->expires_in)
	       != OUTCOME_OK) {
		if (clock_now() + KEEP_AGAIN >= need->deadline)
			return false;
		nanosleep(&moment, NULL);
	}
	return true;
}

/* Keep what the marketplace has given for a code or a refresh token. */
static struct token take(const struct token_need *need,
			 const struct grant *grant,
			 const struct platform_answer *answer,
			 const struct platform_tokens *tokens)
{
	if (answer->verdict == PLATFORM_REFUSED
	    || answer->verdict == PLATFORM_GONE)
		return none(answer->why);
	/* With another client secret it may work. */
	if (answer->verdict != PLATFORM_DONE)
		return later(answer->why, answer->retry_after);
	if (!keep(need, grant, tokens))
		return later("the new token could not be kept", 0);
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
	struct platform_answer answer =
		platform_exchange(need->platform, need->keeper.arena, code,
				  need->secret, need->deadline, &tokens);

	return take(need, grant, &answer, &tokens);
}

/* A code that was exchanged by somebody who then died is used up; where the
 * marketplace gives another, that is the way to a token. */
static struct token start_anew(const struct token_need *need,
			       const struct grant *grant)
{
	const char *code;
	struct platform_answer answer = platform_new_grant(
		need->platform, need->keeper.arena, need->uuid, need->user,
		need->password, need->deadline, &code);

	/* Where it gives none, the address may not even be known. */
	if (answer.verdict == PLATFORM_LATER && answer.status != 404
	    && !grant->code_is_live)
		return later(answer.why, answer.retry_after);
	if (answer.verdict != PLATFORM_DONE)
		return none(grant->code ? "the grant has expired before it was "
					  "exchanged"
					: "the marketplace has given no grant "
					  "that could be exchanged");
	return exchange_code(need, grant, code);
}

static struct token exchange(const struct token_need *need,
			     const struct grant *grant)
{
	bool is_fresh = grant->code_is_live && !need->was_tried;
	struct token token = is_fresh ? exchange_code(need, grant, grant->code)
				      : start_anew(need, grant);

	if (token.verdict == TOKEN_NONE && !is_fresh && grant->code_is_live)
		token = exchange_code(need, grant, grant->code);
	if (token.verdict == TOKEN_NONE)
		grant_miss(&need->keeper);
	return token;
}

/* The marketplace may know the one before alone: it has never seen what it gave
 * for it used. */
static struct token refresh(const struct token_need *need,
			    const struct grant *grant)
{
	const char *const known[] = { grant->refresh, grant->previous_refresh };
	struct platform_answer answer = { .verdict = PLATFORM_REFUSED };
	struct token token = none("there is no refresh token");

	for (int i = 0; i < 2 && known[i] && token.verdict != TOKEN_READY
	     && answer.verdict != PLATFORM_LATER;
	     i++) {
		struct platform_tokens tokens;
		struct grant before = *grant;

		before.refresh = known[i];
		answer = platform_refresh(need->platform, need->keeper.arena,
					  known[i], need->secret,
					  need->deadline, &tokens);
		token = take(need, &before, &answer, &tokens);
	}
	return token;
}

/* That there is no other grant either is not why. */
static struct token refresh_or_start_anew(const struct token_need *need,
					  const struct grant *grant)
{
	struct token refreshed = refresh(need, grant), anew;

	if (refreshed.verdict != TOKEN_NONE)
		return refreshed;
	anew = start_anew(need, grant);
	return anew.verdict == TOKEN_NONE ? refreshed : anew;
}

static struct token get(const struct token_need *need, bool renews)
{
	struct grant grant;
	bool found;

	if (!need->secret)
		return none("settings.json names no client_secret_file");
	if (grant_read(&need->keeper, &grant, &found) != OUTCOME_OK)
		return later("the grant could not be read", 0);
	if (!found)
		return none("the resource is gone");
	if (grant.access && !renews && grant.access_left > EXPIRES_SOON)
		return (struct token){
			.verdict = TOKEN_READY,
			.access = grant.access,
			.is_new = grant.previous_refresh != NULL,
		};
	if (grant.access)
		return refresh_or_start_anew(need, &grant);
	return grant.code ? exchange(need, &grant) : start_anew(need, &grant);
}

struct token token_get(const struct token_need *need)
{
	return get(need, false);
}

struct token token_renew(const struct token_need *need)
{
	return get(need, true);
}
