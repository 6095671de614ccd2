#include "lib/provider/session.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/provider.h"

/* An add-on whose home has become invalid keeps its sessions. */
static const struct addon *find_session_addon(const struct addons *addons,
					      const struct session *cookie)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->id && addon->dialect
		    && strcmp(addon->id, cookie->addon) == 0
		    && strcmp(addon->dialect->marketplace, cookie->marketplace)
			    == 0)
			return addon;
	}
	return NULL;
}

static struct sign_on_session session_key(const struct session *cookie)
{
	return (struct sign_on_session){
		.marketplace = cookie->marketplace,
		.addon = cookie->addon,
		.resource = cookie->resource,
		.issued_at = cookie->issued_at,
	};
}

enum outcome provider_find_session(struct provider *provider,
				   struct arena *arena, const char *cookies,
				   struct provider_session *session)
{
	const struct session *cookie = &session->cookie;
	struct sign_on_session key;
	bool found = false;
	enum outcome outcome;

	if (!session_cookie_open(provider->keys, arena, cookies, clock_wall(),
				 &session->cookie))
		return OUTCOME_UNAUTHENTICATED;
	session->addon = find_session_addon(provider->addons, cookie);
	if (!session->addon)
		return OUTCOME_UNAUTHENTICATED;
	key = session_key(cookie);
	outcome = sign_on_find(provider->db, arena, &key, &session->resource,
			       &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	return found ? OUTCOME_OK : OUTCOME_UNAUTHENTICATED;
}

enum outcome provider_end_session(struct db *db, struct arena *arena,
				  const struct provider_session *session,
				  const char *request_id)
{
	const struct sign_on_session key = session_key(&session->cookie);

	return sign_on_end(db, arena, &key, request_id,
			   session->cookie.expires_at);
}

enum outcome provider_end_sessions(struct db *db, struct arena *arena,
				   const struct sign_on_event *event)
{
	return sign_on_end_all(db, arena, event);
}
