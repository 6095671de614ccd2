/*
 * authorized.h - calls the API of a marketplace with a valid token.
 *
 * token.h explains why only one process at a time may do this for a resource.
 */
#ifndef LIB_PLATFORM_AUTHORIZED_H
#define LIB_PLATFORM_AUTHORIZED_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/platform/platform.h"
#include "lib/platform/token.h"

struct addon;
struct resource;

struct authorized {
	struct token_need need;
	struct token token; /* zeroed until one is needed */
	/* The marketplace has refused a token that was just renewed.  Another
	 * renewal would not help. */
	bool refuses_new_token;
};

/* Return the id of a resource in calls to the marketplace, or NULL if it is not
 * known.  The add-on's dialect has an API. */
const char *authorized_id(const struct addon *addon,
			  const struct resource *resource);

/*
 * Prepare to call the marketplace about a resource of an add-on, whose dialect
 * has an API.  Nothing is sent yet.  The caller sets need.was_tried if an
 * earlier attempt may have exchanged the code.
 */
MUST_CHECK struct authorized authorized_begin(struct platform *platform,
					      const struct grant_place *place,
					      const struct addon *addon,
					      const struct resource *resource,
					      int64_t deadline);

/* Return the stored token, or a new one. */
MUST_CHECK struct token authorized_token(struct authorized *authorized);

/*
 * Make one call.  If the marketplace refuses the token, renew it and repeat the
 * call once, unless refuses_new_token.  If id is NULL, that of the resource is
 * used.
 *
 * Without a token that the marketplace needs, nothing is sent: the verdict is
 * PLATFORM_LATER if a dependency is unavailable, and PLATFORM_UNAUTHORIZED if
 * there is no token (authorized->token.verdict is TOKEN_NONE).  It is also
 * PLATFORM_UNAUTHORIZED if the marketplace refuses the renewed token; then a
 * retry may help.
 */
MUST_CHECK struct platform_response
authorized_ask(struct authorized *authorized, struct platform_request request);

#endif
