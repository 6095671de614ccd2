/*
 * token.h - gets a valid access token for a resource.
 *
 * The code of a grant is exchanged; a token that expires soon is refreshed.
 * Jobs that call the marketplace for a resource run one at a time, so no two of
 * them refresh its token at once.  (The check of a create that was never
 * promised may run at the same time as an exchange; it then requests its own
 * grant.)
 */
#ifndef LIB_PLATFORM_TOKEN_H
#define LIB_PLATFORM_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/platform/platform.h"
#include "lib/store/grant.h"

struct token_need {
	struct grant_place place;
	struct platform *platform;
	struct platform_api api;
	const char *id;   /* of the resource at the marketplace */
	bool was_tried;   /* an attempt may have exchanged the code */
	int64_t least;    /* s for which the token must be valid; 0: some */
	int64_t deadline; /* of clock_now() */
};

enum token_verdict {
	TOKEN_READY,
	TOKEN_NONE, /* there will be no token without a new grant */
	TOKEN_LATER /* a dependency is unavailable */
};

struct token {
	enum token_verdict verdict;
	const char *access;
	int64_t left;    /* seconds until it expires */
	bool is_new;     /* it has not been used yet */
	bool is_refused; /* the marketplace refuses to refresh it, and gives no
			    other grant */
	int retry_after; /* seconds; 0: not given */
	const char *why; /* why there is no token: a line without secrets */
};

/* Return the stored token, or a new one. */
MUST_CHECK struct token token_get(const struct token_need *need);

/* Replace the stored token, which the marketplace has refused. */
MUST_CHECK struct token token_renew(const struct token_need *need);

#endif
