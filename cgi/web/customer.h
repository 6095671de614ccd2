/*
 * visitor.h - the customer behind a browser's request.
 */
#ifndef CGI_WEB_VISITOR_H
#define CGI_WEB_VISITOR_H

#include <stdbool.h>

#include "lib/base/outcome.h"
#include "lib/auth/session_cookie.h"
#include "lib/store/sign_on.h"

struct exchange;
struct form;

struct visitor {
	struct session session;
	struct sign_on_resource resource;
};

/*
 * Read who it is from the session cookie; x->addon and x->resource_id are then
 * set.
 *
 * OUTCOME_UNAUTHENTICATED  nobody is signed in, or not any more
 * OUTCOME_UNAVAILABLE      the database is away
 */
enum outcome visitor_read(struct exchange *x, struct visitor *visitor);

/*
 * Read the form that a page of ours has posted.  OUTCOME_FORBIDDEN: it comes
 * from another site's page, or cannot be read; a page that says so is then the
 * answer.
 */
enum outcome visitor_read_form(struct exchange *x, struct form *form);

/* Does the form's field "resource" name the visitor's?  Otherwise it was made
 * before another resource was signed on to. */
bool visitor_means(const struct visitor *visitor, const struct form *form);

/* Say that it does not; returns the outcome. */
enum outcome visitor_has_changed(struct exchange *x);

#endif
