/*
 * sign_on.h - signs a customer on after sso.h has verified the request.
 *
 * It finds the resource, makes sure that a token is used only once if the
 * add-on wants that, calls the listener, and begins a session.
 */
#ifndef LIB_PROVIDER_SIGN_ON_H
#define LIB_PROVIDER_SIGN_ON_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct form;
struct provider;
struct sso_claim;

struct provider_sign_on_request {
	struct arena *arena;
	const char *request_id;
	const char *address; /* of the browser, or NULL */
	const struct form *form;
	int64_t now;      /* ms since 1970 */
	int64_t deadline; /* of clock_now() */

	/* Set by the use case. */
	const char *resource_id; /* our id, for the log, or NULL */
	const char *reason;  /* for a refusal, a word for the log; or NULL */
	const char *refusal; /* for a refusal, a sentence for the customer; or
				  NULL */
};

struct provider_sign_on_response {
	const char *session;     /* the value of the session cookie */
	int64_t session_max_age; /* ms */
	const char *location;    /* where the browser goes */
};

/*
 * Sign a customer on.
 *
 * OUTCOME_NOT_FOUND    the resource does not exist or is deprovisioned
 * OUTCOME_FORBIDDEN    the token was used before, the user is not signed but
 *                      the add-on requires that, the listener refuses, or the
 *                      session is too large for a cookie
 * OUTCOME_UNAVAILABLE  the database does not respond, the listener has failed,
 *                      or the database may have lost the resource, or an add-on
 *                      without a home may have it
 * OUTCOME_BROKEN       OpenSSL or a statement has failed
 */
MUST_CHECK enum outcome
provider_sign_on(struct provider *provider,
		 struct provider_sign_on_request *request,
		 const struct sso_claim *claim,
		 struct provider_sign_on_response *response);

#endif
