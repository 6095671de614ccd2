/*
 * sign_on.h - a customer's browser comes with a good token: let it in.
 *
 * The use case behind sso.h: find the resource, see that the token was not used
 * before, ask the vendor where to, and give the browser a session.
 */
#ifndef LIB_PROVIDER_SIGN_ON_H
#define LIB_PROVIDER_SIGN_ON_H

#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct provider;
struct sso_claim;

struct provider_sign_on_request {
	struct arena *arena;
	const char *request_id;
	const char *address;     /* of the browser; NULL: not known */
	int64_t now;             /* ms since 1970 */
	int64_t deadline;        /* of clock_now() */
	const char *resource_id; /* set when known: ours, for the log */
	const char *reason;      /* set when refused: a word for the log */
	const char *complaint; /* set when refused: for the customer, or NULL */
};

/* How the browser goes on. */
struct provider_welcome {
	const char *session; /* the cookie's value ... */
	int64_t age;         /* ... and for how many ms it is good */
	const char *location;
};

/*
 * OUTCOME_NOT_FOUND    there is no such resource, or it is gone
 * OUTCOME_FORBIDDEN    the token was used before, the vendor refuses, or the
 *                      session is too large for a cookie
 * OUTCOME_UNAVAILABLE  the database is away, or the vendor's code has failed or
 *                      answered what is no sign-on
 * OUTCOME_BROKEN       the cryptography has failed, or a statement
 */
enum outcome provider_sign_on(struct provider *provider,
			      struct provider_sign_on_request *call,
			      const struct sso_claim *claim,
			      struct provider_welcome *welcome);

/* Who a customer is, as events tell it: "customer:jane@example.com". */
const char *provider_customer(struct arena *arena, const char *user,
			      const char *email);

#endif
