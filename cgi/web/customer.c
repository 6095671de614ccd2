#include "cgi/web/customer.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/base/arena.h"
#include "lib/provider/sign_on.h"
#include "lib/text/form.h"

enum outcome customer_find_session(struct exchange *x,
				   struct provider_session *session)
{
	enum outcome outcome = provider_find_session(x->provider, x->arena,
						     x->cookie, session);

	if (outcome == OUTCOME_OK) {
		x->addon = session->addon;
		x->resource_id = session->resource.id;
	}
	return outcome;
}

/*
 * Browsers send Sec-Fetch-Site and Origin with every POST, and no script can
 * set them.  Origin is "null" if a proxy has added a stricter Referrer-Policy,
 * and does not match if a proxy has changed Host.  Older browsers send only
 * Origin.
 */
static bool is_from_our_page(const struct exchange *x)
{
	if (x->fetch_site)
		return strcmp(x->fetch_site, "same-origin") == 0;
	return x->origin && x->host
		&& strcmp(x->origin,
			  arena_printf(x->arena, "https://%s", x->host))
		== 0;
}

enum outcome customer_read_form(struct exchange *x, struct form *form)
{
	if (!is_from_our_page(x))
		x->reason = "origin";
	else if (x->body_outcome != OUTCOME_OK
		 || form_read(x->arena, x->body, x->body_length, form)
			 != OUTCOME_OK)
		x->reason = "form";
	else
		return OUTCOME_OK;
	page_say(x, "Nothing was changed",
		 "This form was not sent from our page. Please go back, reload "
		 "the page and try again.");
	return OUTCOME_FORBIDDEN;
}

bool customer_form_matches(const struct provider_session *session,
			   const struct form *form)
{
	const char *id = form_value(form, "resource");

	return id
		&& (strcmp(id, session->resource.id) == 0
		    || strcmp(id, session->resource.provider_id) == 0);
}

struct sign_on_event customer_event(const struct exchange *x,
				    const struct provider_session *session)
{
	const struct session *cookie = &session->cookie;

	return (struct sign_on_event){
		.resource = session->resource.id,
		.actor = provider_customer_actor(x->arena, cookie->user,
						 cookie->email),
		.request_id = x->request_id,
		.user = cookie->user,
		.email = cookie->email,
		.address = x->address,
	};
}

enum outcome customer_refuse_form(struct exchange *x)
{
	x->reason = "other-resource";
	page_say(x, "You have signed in to another add-on",
		 "This browser has signed in to another resource in another "
		 "tab or window. Nothing was changed. To return to the first "
		 "resource, please open it from your marketplace's dashboard "
		 "again.");
	return OUTCOME_FORBIDDEN;
}
