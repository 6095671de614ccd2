/*
 * outcome.h - how an operation ended, in words the whole program shares.
 *
 * Below cgi/ nobody speaks HTTP.  A function that can end in more than one
 * way returns one of these; cgi/web/http.c holds the only table that turns an
 * outcome into a status code.
 */
#ifndef LIB_BASE_OUTCOME_H
#define LIB_BASE_OUTCOME_H

enum outcome {
	OUTCOME_OK,
	OUTCOME_ACCEPTED,        /* recorded; a job will finish it */
	OUTCOME_MALFORMED,       /* cannot be read at all */
	OUTCOME_UNAUTHENTICATED, /* we do not know who is calling */
	OUTCOME_NOT_FOUND,
	OUTCOME_WRONG_METHOD, /* the path exists, the method does not */
	OUTCOME_GONE,         /* existed, has been deprovisioned */
	OUTCOME_TOO_LARGE,
	OUTCOME_INVALID,     /* well read, and refused for what it says */
	OUTCOME_UNAVAILABLE, /* a dependency is away; again may work */
	OUTCOME_BROKEN,      /* our fault; logged where it was noticed */
	OUTCOME_HUNG_UP,     /* nobody waits for it any more; not begun */
	OUTCOME_FORBIDDEN,   /* we do not let in who is calling */
	OUTCOME_COUNT
};

/* A word for the log. */
static inline const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_MALFORMED] = "malformed",
		[OUTCOME_UNAUTHENTICATED] = "unauthenticated",
		[OUTCOME_NOT_FOUND] = "not-found",
		[OUTCOME_WRONG_METHOD] = "wrong-method",
		[OUTCOME_GONE] = "gone",
		[OUTCOME_TOO_LARGE] = "too-large",
		[OUTCOME_INVALID] = "invalid",
		[OUTCOME_UNAVAILABLE] = "unavailable",
		[OUTCOME_BROKEN] = "broken",
		[OUTCOME_HUNG_UP] = "hung-up",
		[OUTCOME_FORBIDDEN] = "forbidden",
	};

	return names[outcome];
}

#endif
