#include "lib/provider/session.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/call.h"
#include "lib/provider/missing_homes.h"
#include "lib/store/resource.h"

static struct sign_on_session session_key(const struct session *cookie)
{
	return (struct sign_on_session){
		.marketplace = cookie->marketplace,
		.addon = cookie->addon,
		.resource = cookie->resource,
		.event = cookie->event,
	};
}

/* The session has ended, unless the database has lost its resource. */
static enum outcome refuse_ended(struct provider *provider, struct arena *arena,
				 struct provider_session *session)
{
	const char *id = session->cookie.resource;
	struct resource resource;
	bool exists;
	enum outcome outcome =
		resource_get(provider->db, arena, id, &resource, &exists);

	if (outcome == OUTCOME_OK && !exists)
		outcome = provider_refuse_lost(provider, arena, session->addon,
					       id);
	if (outcome == OUTCOME_OK)
		return OUTCOME_UNAUTHENTICATED;
	session->refusal = PROVIDER_MAY_BE_LOST;
	return outcome;
}

enum outcome provider_find_session(struct provider *provider,
				   struct arena *arena, const char *cookies,
				   struct provider_session *session)
{
	const struct session *cookie = &session->cookie;
	struct sign_on_session key;
	bool found = false;
	enum outcome outcome;

	session->refusal = NULL;
	session->addon = NULL;
	if (!session_cookie_open(provider->keys, arena, cookies, clock_wall(),
				 &session->cookie))
		return OUTCOME_UNAUTHENTICATED;
	/* An add-on whose home has become invalid keeps its sessions. */
	session->addon = addons_find_any(provider->addons, cookie->marketplace,
					 cookie->addon);
	if (!session->addon)
		return provider_lacks_home_of(provider, cookie->marketplace,
					      cookie->addon)
			? OUTCOME_UNAVAILABLE
			: OUTCOME_UNAUTHENTICATED;
	key = session_key(cookie);
	outcome = sign_on_find(provider->db, arena, &key, &session->resource,
			       &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	return found ? OUTCOME_OK : refuse_ended(provider, arena, session);
}

enum outcome provider_end_session(struct db *db, struct arena *arena,
				  const struct provider_session *session,
				  const char *request_id)
{
	const struct sign_on_session key = session_key(&session->cookie);

	return sign_on_end(db, arena, &key, request_id,
			   session->cookie.expires_at - clock_wall());
}

enum outcome provider_end_sessions(struct db *db, struct arena *arena,
				   const struct sign_on_event *event)
{
	return sign_on_end_all(db, arena, event);
}
