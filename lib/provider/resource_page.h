/*
 * resource_page.h - the config vars and the history that people see of a
 * resource.
 */
#ifndef LIB_PROVIDER_RESOURCE_PAGE_H
#define LIB_PROVIDER_RESOURCE_PAGE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/json_rows.h"
#include "lib/store/plan_promise.h"

struct arena;
struct json;
struct provider;
struct provider_session;
struct sign_on_event;

struct provider_page {
	const struct json *config;  /* an object of strings, with all values */
	bool is_revealed;           /* the page may show the values */
	struct plan_promise change; /* of the plan, under way */
	struct json_rows events;    /* the newest, oldest first */
};

/*
 * Read what the page of a signed-in customer's resource shows.  The page may
 * show the values of config vars if viewer (NULL: hide them) was recorded with
 * provider_reveal_to_customer() in the last minute.
 *
 * OUTCOME_UNAVAILABLE  the database does not respond, or the config cannot
 *                      be opened
 */
MUST_CHECK enum outcome
provider_read_page(struct provider *provider, struct arena *arena,
		   const struct provider_session *session,
		   const struct sign_on_event *viewer,
		   struct provider_page *page);

/* Record that the customer of event is shown the values of config vars, at most
 * once a minute.  OUTCOME_UNAVAILABLE: the database does not respond. */
MUST_CHECK enum outcome
provider_reveal_to_customer(struct db *db, struct arena *arena,
			    const struct sign_on_event *event);

#endif
