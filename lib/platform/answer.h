/*
 * answer.h - what an answer of a marketplace's means.
 *
 * The status alone decides, but that a 404 must say what is not found; a body
 * is read leniently, since a router in between may have written it.  Pure:
 * platform.c does the speaking.
 */
#ifndef LIB_PLATFORM_ANSWER_H
#define LIB_PLATFORM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct https_reply;
struct json;

enum platform_verdict {
	PLATFORM_DONE,
	PLATFORM_UNAUTHORIZED, /* 401: the token is of no use (any more) */
	PLATFORM_FORBIDDEN,    /* 403: not granted to this add-on */
	PLATFORM_GONE,         /* 404 with an error of the API, 410: it does not
				  know the resource */
	PLATFORM_REFUSED,      /* any other 4xx: no repetition helps */
	PLATFORM_LATER         /* 408, 429, 5xx, redirects, any other 404, no
				  connection, no answer in time, one that cannot
				  be read */
};

struct platform_answer {
	enum platform_verdict verdict;
	int status;              /* 0: there was no answer */
	const struct json *body; /* NULL when there is none that can be read */
	int retry_after; /* seconds the marketplace asks for, a day at most;
			    0: none */
	int remaining;   /* RateLimit-Remaining; -1: not told */
	const char *next_range; /* where a list goes on; NULL: it ends here */
	const char *why; /* on failure: a line for the log, in visible ASCII
			    and without secrets; else NULL */
};

struct platform_tokens {
	const char *access;  /* of visible ASCII characters */
	const char *refresh; /* NULL: none was given; the old one stays */
	int64_t expires_in;  /* seconds; 8 h where it is not told */
};

/*
 * The meaning of reply to what (which why begins with).  A success whose body
 * is neither empty nor JSON is PLATFORM_LATER: somebody else has answered.
 */
struct platform_answer platform_judge(struct arena *arena, const char *what,
				      const struct https_reply *reply);

/* The answer that none is.  reason may hold foreign bytes. */
struct platform_answer platform_no_answer(struct arena *arena,
					  enum platform_verdict verdict,
					  const char *what, const char *reason);

/* False, and *tokens is left alone, when there is no access token in body. */
bool platform_read_tokens(const struct json *body,
			  struct platform_tokens *tokens);

/* Can this stand in a header?  At least one visible ASCII character, and
 * nothing else. */
bool platform_is_token(const char *text);

#endif
