/*
 * response.h - interprets the responses of a marketplace.
 *
 * The status determines the verdict, except that a 404 needs a body of the
 * marketplace's API.  Other bodies are optional: a proxy may have written them.
 * This module makes no calls; platform.c does.
 */
#ifndef LIB_PLATFORM_RESPONSE_H
#define LIB_PLATFORM_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct https_response;
struct json;

enum platform_verdict {
	PLATFORM_DONE,
	PLATFORM_UNAUTHORIZED, /* 401: the token is not valid (any more) */
	PLATFORM_FORBIDDEN,    /* 403: the add-on lacks a permission */
	PLATFORM_GONE,         /* 410, or 404 with an error of the API: the
				  marketplace does not know the resource */
	PLATFORM_REFUSED,      /* any other 4xx: a retry does not help */
	PLATFORM_LATER         /* retry later: 408, 429, 5xx, a redirect, any
				  other 404, no connection, no response in
				  time, or an unreadable one */
};

struct platform_response {
	enum platform_verdict verdict;
	int status;      /* 0: there was no response */
	bool is_unknown; /* PLATFORM_LATER: the request was sent, and may have
			    an effect, even after a later one */
	const struct json *body; /* NULL: empty or unreadable */
	int retry_after;         /* seconds, at most a day; 0: not given */
	int remaining;           /* RateLimit-Remaining; -1: not given */
	const char *next_range;  /* of the next page of a list, or NULL */
	const char *why; /* the reason for a failure, in printable ASCII and
			    without secrets; NULL: no failure */
};

struct platform_tokens {
	const char *access;  /* printable ASCII without blanks */
	const char *refresh; /* NULL: the old one remains valid */
	int64_t expires_in;  /* seconds; 8 h if not given */
};

/*
 * Interpret the response to a request.  what names the request at the start of
 * why.  A success whose body is neither empty nor JSON is PLATFORM_LATER: it
 * came from a proxy.
 */
MUST_CHECK struct platform_response
platform_response_read(struct arena *arena, const char *what,
		       const struct https_response *received);

/* Return the result of a request that got no response.  reason may contain any
 * bytes. */
struct platform_response platform_response_none(struct arena *arena,
						enum platform_verdict verdict,
						const char *what,
						const char *reason);

/* Return false, and leave *tokens unchanged, if body has no access token. */
MUST_CHECK bool platform_read_tokens(const struct json *body,
				     struct platform_tokens *tokens);

/* Return true if text can be a token in a header: it consists of at least one
 * printable ASCII character and has no blanks. */
MUST_CHECK bool platform_is_token(const char *text);

/* Return the plan of an add-on's description, such as the body of a response to
 * PLATFORM_READ, or NULL. */
const char *platform_response_plan(const struct json *addon);

#endif
