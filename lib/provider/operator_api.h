/*
 * operator_api.h - calls the marketplace's API for an operator.
 *
 * provisor holds a token for each resource that has a grant.  Only one process
 * at a time may use the token of a resource (token.h), so these functions wait
 * until no job does, and keep jobs waiting meanwhile.  The token appears in no
 * log and no event.
 */
#ifndef LIB_PROVIDER_OPERATOR_API_H
#define LIB_PROVIDER_OPERATOR_API_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/jobs/marketplace_claim.h"
#include "lib/platform/authorized.h"
#include "lib/provider/operator.h"
#include "lib/store/resource.h"

enum { OPERATOR_TOKEN_LEAST = 600 }; /* s that a token stays valid */

struct operator_api {
	struct provider *provider;
	struct operator_act *act;
	const struct addon *addon;
	struct resource resource;
	struct marketplace_claim claim; /* keeps other processes away */
};

/*
 * Begin to call the marketplace about a resource, an object as in operator.h.
 * First record the event, with what (JSON or NULL) as its details.
 *
 * OUTCOME_INVALID      it has no token; act->failure says why
 * OUTCOME_UNAVAILABLE  also if its add-on has no valid home, or if another
 *                      process called the marketplace until act->deadline
 */
MUST_CHECK enum outcome operator_api_begin(struct provider *provider,
					   struct operator_act *act,
					   const struct json *resource,
					   const char *event, const char *what,
					   struct operator_api *api);

/* End the calls.  If the database does not respond, jobs wait for some minutes
 * longer. */
void operator_api_end(const struct operator_api *api);

/* Return a token that stays valid for OPERATOR_TOKEN_LEAST seconds.  If the
 * marketplace has not sent it at the deadline, a time of clock_now(), the
 * verdict is TOKEN_LATER; a call may take half a minute at most. */
MUST_CHECK struct token operator_api_token(const struct operator_api *api,
					   int64_t deadline);

/* Return a token that is ready as JSON: "url" (of the API), "access_token" and
 * "expires_at". */
const char *operator_api_print_token(const struct operator_api *api,
				     const struct token *token);

/*
 * Make one call of the API: PLATFORM_OTHER with a method, a path that begins
 * with a slash, and a body or NULL.  In the path, {addon} stands for the
 * marketplace's id of the resource, and {app} for that of its app, which is
 * queried.  range is next_range of the previous page, or NULL.
 *
 * If the marketplace's limit of calls is reached, wait as long as it requires,
 * up to a minute and three times.  Otherwise nothing is repeated.
 */
MUST_CHECK struct platform_response
operator_api_ask(const struct operator_api *api, const char *method,
		 const char *path, const char *body, const char *range);

#endif
