#include "lib/provider/resource_page.h"

#include "lib/provider/provider.h"
#include "lib/provider/session.h"
#include "lib/provider/sign_on.h"
#include "lib/store/resource_list.h"

enum { SHOWN_EVENTS = 20 };

static enum outcome open_config(const struct sealing_keys *keys,
				struct arena *arena, const char *id,
				const char *sealed,
				struct resource_secrets *secrets)
{
	return resource_secrets_open(keys, arena, id, sealed, secrets)
		? OUTCOME_OK
		: OUTCOME_UNAVAILABLE;
}

enum outcome provider_reveal(struct db *db, const struct sealing_keys *keys,
			     struct arena *arena, const char *id,
			     const char *actor, const char *sealed,
			     struct resource_secrets *secrets)
{
	enum outcome outcome = resource_list_reveal(db, arena, id, actor);

	return outcome == OUTCOME_OK
		? open_config(keys, arena, id, sealed, secrets)
		: outcome;
}

enum outcome provider_read_page(struct provider *provider, struct arena *arena,
				const struct provider_session *session,
				bool reveals, struct provider_page *page)
{
	const struct sign_on_resource *resource = &session->resource;
	const char *actor = provider_customer_actor(arena, session->cookie.user,
						    session->cookie.email);
	struct resource_secrets secrets;
	enum outcome outcome = reveals
		? provider_reveal(provider->db, provider->keys, arena,
				  resource->id, actor, resource->config,
				  &secrets)
		: open_config(provider->keys, arena, resource->id,
			      resource->config, &secrets);

	if (outcome != OUTCOME_OK)
		return outcome;
	page->config = secrets.config;
	return resource_list_history(provider->db, arena, resource->id,
				     SHOWN_EVENTS, &page->events);
}
