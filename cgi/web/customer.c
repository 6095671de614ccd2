#include "cgi/web/visitor.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/addon/homes.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/text/form.h"
#include "lib/provider/provider.h"

/* An add-on that is no longer sold here has no sessions. */
static const struct addon *find_addon(const struct addons *addons,
				      const struct session *session)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->id && addon->dialect
		    && strcmp(addon->id, session->addon) == 0
		    && strcmp(addon->dialect->marketplace, session->marketplace)
			    == 0)
			return addon;
	}
	return NULL;
}

enum outcome visitor_read(struct exchange *x, struct visitor *visitor)
{
	struct provider *provider = x->provider;
	const struct session *session = &visitor->session;
	const struct addon *addon;
	enum outcome outcome;
	bool found;

	if (!session_read(provider->keys, x->arena, x->cookie, clock_wall(),
			  &visitor->session))
		return OUTCOME_UNAUTHENTICATED;
	addon = find_addon(provider->addons, session);
	if (!addon)
		return OUTCOME_UNAUTHENTICATED;
	outcome = sign_on_find(provider->db, x->arena,
			       &(struct sign_on_session){
				       .marketplace = session->marketplace,
				       .addon = session->addon,
				       .resource = session->resource,
				       .issued_at = session->issued_at,
			       },
			       &visitor->resource, &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found)
		return OUTCOME_UNAUTHENTICATED;
	x->addon = addon;
	x->resource_id = visitor->resource.id;
	return OUTCOME_OK;
}

/* Browsers send the origin of the page with every POST. */
static bool is_from_our_page(const struct exchange *x)
{
	return x->origin && x->host
		&& strcmp(x->origin,
			  arena_printf(x->arena, "https://%s", x->host))
		== 0;
}

enum outcome visitor_read_form(struct exchange *x, struct form *form)
{
	const char *reason = NULL;

	if (!is_from_our_page(x))
		reason = "origin";
	else if (x->body_outcome != OUTCOME_OK
		 || form_read(x->arena, x->body, x->body_length, form)
			 != OUTCOME_OK)
		reason = "form";
	if (!reason)
		return OUTCOME_OK;
	x->reason = reason;
	page_say(x, "Nothing was changed",
		 "This form did not come from a page of ours. Please go back, "
		 "reload the page and try again.");
	return OUTCOME_FORBIDDEN;
}

bool visitor_means(const struct visitor *visitor, const struct form *form)
{
	const char *id = form_value(form, "resource");

	return id
		&& (strcmp(id, visitor->resource.id) == 0
		    || strcmp(id, visitor->resource.provider_id) == 0);
}

enum outcome visitor_has_changed(struct exchange *x)
{
	x->reason = "other-resource";
	page_say(x, "You have signed in to another add-on",
		 "In another tab or window this browser was signed in to "
		 "another resource. Nothing was changed. To go on with this "
		 "one, please open it from your marketplace's dashboard "
		 "again.");
	return OUTCOME_FORBIDDEN;
}
