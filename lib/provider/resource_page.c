#include "lib/provider/resource_page.h"

#include "lib/provider/provider.h"
#include "lib/provider/session.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/store/sign_on.h"

enum { SHOWN_EVENTS = 20 };

enum outcome provider_reveal_to_customer(struct db *db, struct arena *arena,
					 const struct sign_on_event *event)
{
	return sign_on_reveal(db, arena, event);
}

static struct resource_identity
session_identity(const struct provider_session *session)
{
	return (struct resource_identity){
		.id = session->resource.id,
		.marketplace = session->cookie.marketplace,
		.addon = session->cookie.addon,
		.marketplace_id = session->resource.marketplace_id,
		.provider_id = session->resource.provider_id,
	};
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
		outcome = plan_promise_find(provider->db, arena, resource->id,
					    &page->change);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!resource_secrets_open(provider->keys, arena,
				   session_identity(session), resource->config,
				   &secrets))
		return OUTCOME_UNAVAILABLE;
	page->config = secrets.config;
	return resource_list_history(provider->db, arena, resource->id, true,
				     SHOWN_EVENTS, &page->events);
}
