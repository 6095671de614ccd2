/*
 * session.h - the sessions of customers' browsers, after sign-on.
 *
 * A session lasts until it expires, the browser signs out, its resource is
 * deprovisioned, or all sessions of the resource are ended.
 */
#ifndef LIB_PROVIDER_SESSION_H
#define LIB_PROVIDER_SESSION_H

#include "lib/auth/session_cookie.h"
#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/sign_on.h"

struct addon;
struct arena;
struct provider;

/* A customer who is signed in. */
struct provider_session {
	struct session cookie;
	struct sign_on_resource resource;
	const struct addon *addon; /* its home may be invalid; NULL: the cookie
				      names no add-on of this host */

	/* For a failure, a sentence for the customer; or NULL. */
	const char *refusal;
};

/*
 * Find the session that a Cookie header (NULL: no header) carries.
 *
 * OUTCOME_UNAUTHENTICATED  no session, or it has ended
 * OUTCOME_UNAVAILABLE      the database does not respond, or may have lost the
 *                          resource
 */
MUST_CHECK enum outcome provider_find_session(struct provider *provider,
					      struct arena *arena,
					      const char *cookies,
					      struct provider_session *session);

/* End the session of one browser.  A copy of its cookie becomes invalid too.
 * OUTCOME_UNAVAILABLE as above. */
MUST_CHECK enum outcome
provider_end_session(struct db *db, struct arena *arena,
		     const struct provider_session *session,
		     const char *request_id);

/*
 * End all sessions of the resource event->resource, which is our id, and record
 * the event.  OUTCOME_UNAVAILABLE as above.
 */
MUST_CHECK enum outcome
provider_end_sessions(struct db *db, struct arena *arena,
		      const struct sign_on_event *event);

#endif
