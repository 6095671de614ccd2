/*
 * customer.h - requests from the browsers of signed-in customers.
 */
#ifndef CGI_WEB_CUSTOMER_H
#define CGI_WEB_CUSTOMER_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/provider/session.h"

struct exchange;
struct form;

/*
 * Find the session of the request's cookie; set x->addon and x->resource_id,
 * and x->framed_by, also if the session has ended.  Without a cookie, any site
 * that shows pages of an add-on in a frame may show the response.
 *
 * OUTCOME_UNAUTHENTICATED  no session, or it has ended
 * OUTCOME_UNAVAILABLE      the database does not respond
 */
MUST_CHECK enum outcome customer_find_session(struct exchange *x,
					      struct provider_session *session);

/*
 * Read a form that one of our pages has posted.  Return OUTCOME_FORBIDDEN, with
 * the response set, if a page of another site has posted it or it is malformed.
 */
MUST_CHECK enum outcome customer_read_form(struct exchange *x,
					   struct form *form);

/* Return true if the form was made for the session's resource.  If not, the
 * browser has since signed on to another resource. */
MUST_CHECK bool customer_form_matches(const struct provider_session *session,
				      const struct form *form);

/* Return an event of the session's customer. */
struct sign_on_event customer_event(const struct exchange *x,
				    const struct provider_session *session);

/* Respond that the form was made for another resource; return the outcome. */
MUST_CHECK enum outcome customer_refuse_form(struct exchange *x);

#endif
