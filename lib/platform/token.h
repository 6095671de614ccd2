/*
 * token.h - an access token for a resource that works, whatever it takes.
 *
 * A code is exchanged, a token that is about to expire is refreshed.  Those who
 * have claimed a job that calls the marketplace come here one at a time for a
 * resource, so no two refresh at once.  (Who asks about one that was never
 * promised may come beside an exchange; it then asks for a grant of its own.)
 */
#ifndef LIB_PLATFORM_TOKEN_H
#define LIB_PLATFORM_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/grant.h"

struct platform;

struct token_need {
	struct grant_keeper keeper;
	struct platform *platform;
	const char *secret; /* the add-on's client secret; NULL: it has none */
	/* With which the marketplace logs in, and its id of the resource. */
	const char *user;
	const char *password;
	const char *uuid;
	bool was_tried; /* the code may have been exchanged, and nobody knows */
	int64_t deadline; /* of clock_now() */
};

enum token_verdict {
	TOKEN_READY,
	TOKEN_NONE, /* and there will be none, unless a new grant comes */
	TOKEN_LATER /* what is needed for it is away */
};

struct token {
	enum token_verdict verdict;
	const char *access;
	bool is_new;     /* it has not been used yet */
	int retry_after; /* seconds; 0: not said */
	const char *why; /* there is none: a line without secrets */
};

/* The token there is, or a new one. */
struct token token_get(const struct token_need *need);

/* Another one: the marketplace has refused the one there is. */
struct token token_renew(const struct token_need *need);

#endif
