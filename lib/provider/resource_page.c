#include "lib/provider/resource_page.h"

#include "lib/provider/provider.h"
#include "lib/provider/session.h"
#include "lib/store/resource_list.h"
#include "lib/store/sign_on.h"

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

enum outcome provider_reveal_to_customer(struct db *db, struct arena *arena,
					 const struct sign_on_event *event)
{
	return sign_on_reveal(db, arena, event);
}

enum outcome provider_read_page(struct provider *provider, struct arena *arena,
				const struct provider_session *session,
				const struct sign_on_event *viewer,
				struct provider_page *page)
{
	const struct sign_on_resource *resource = &session->resource;
	struct resource_secrets secrets;
	enum outcome outcome = OUTCOME_OK;

	page->is_revealed = false;
	if (viewer)
		outcome = sign_on_is_revealed(provider->db, arena, viewer,
					      &page->is_revealed);
	if (outcome == OUTCOME_OK)
		outcome = open_config(provider->keys, arena, resource->id,
				      resource->config, &secrets);
	if (outcome != OUTCOME_OK)
		return outcome;
	page->config = secrets.config;
	return resource_list_history(provider->db, arena, resource->id,
				     SHOWN_EVENTS, &page->events);
}
