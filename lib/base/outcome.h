/*
 * outcome.h - the results that functions of the whole program share.
 *
 * No code in lib/ knows HTTP.  A function that can end in more than one way
 * returns an outcome.  cgi/web/http.c has the only table that maps outcomes to
 * status codes.  Counters store outcomes by number: add new ones at the end.
 */
#ifndef LIB_BASE_OUTCOME_H
#define LIB_BASE_OUTCOME_H

enum outcome {
	OUTCOME_OK,
	OUTCOME_ACCEPTED,        /* stored; a job will finish the work */
	OUTCOME_MALFORMED,       /* the request cannot be parsed */
	OUTCOME_UNAUTHENTICATED, /* the caller is unknown */
	OUTCOME_NOT_FOUND,
	OUTCOME_WRONG_METHOD, /* the path does not allow the method */
	OUTCOME_GONE,         /* existed and has been deprovisioned */
	OUTCOME_TOO_LARGE,
	OUTCOME_INVALID,     /* parsed, but it violates the contract */
	OUTCOME_UNAVAILABLE, /* a dependency is down; a retry may succeed */
	OUTCOME_BROKEN,      /* our fault; logged where it was detected */
	OUTCOME_HUNG_UP,   /* the client has disconnected; no work was begun */
	OUTCOME_FORBIDDEN, /* the caller is known and not allowed */
	OUTCOME_COUNT
};

/* Return the name of an outcome for logs and metrics. */
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
