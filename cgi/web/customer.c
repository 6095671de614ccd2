#include "cgi/web/customer.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/provider/provider.h"
#include "lib/provider/sign_on.h"
#include "lib/text/form.h"

enum outcome customer_find_session(struct exchange *x,
				   struct provider_session *session)
{
	enum outcome outcome = provider_find_session(x->provider, x->arena,
						     x->cookie, session);

	/* A page without a session says nothing about any add-on. */
	x->framed_by = session->addon
		? session->addon->framed_by
		: addons_framing_origins(x->provider->addons, x->arena);
	if (outcome == OUTCOME_OK) {
		x->addon = session->addon;
		x->resource_id = session->resource.id;
	} else {
		x->message = session->refusal;
	}
	return outcome;
}

enum outcome customer_read_form(struct exchange *x, struct form *form)
{
	if (!http_is_from_our_page(x, false))
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
