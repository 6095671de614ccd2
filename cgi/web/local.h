/*
 * local.h - declarations that the files of the local API share.
 */
#ifndef CGI_WEB_LOCAL_H
#define CGI_WEB_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/provider/operator.h"
#include "lib/text/form.h"

struct exchange;

enum { LOCAL_MOST = 1000, LOCAL_DEFAULT = 100 }; /* rows of a page */

/* Return true for a request that came through the socket of the local API. */
MUST_CHECK bool local_is_meant(const struct exchange *x);

/* Serve such a request. */
MUST_CHECK enum outcome local_serve(struct exchange *x);

/*
 * Read the query of a request, which may have each of names (ending with NULL)
 * once.
 *
 * OUTCOME_MALFORMED  it cannot be decoded
 * OUTCOME_INVALID    it has another parameter, or one twice
 */
MUST_CHECK enum outcome local_read_query(struct exchange *x,
					 const char *const names[],
					 struct form *query);

/* Read a parameter that is a number; *number keeps its value if the parameter
 * is absent.  OUTCOME_INVALID: it is not a number from least to most. */
MUST_CHECK enum outcome local_read_number(struct exchange *x,
					  const struct form *query,
					  const char *name, int64_t least,
					  int64_t most, int64_t *number);

/* Return a page as JSON: its rows as the member name, and next, which is JSON.
 */
const char *local_write_page(struct arena *arena, const char *name,
			     const struct json_rows *rows, const char *next);

/* Set the message of a response, a clause without a full stop; return outcome.
 */
MUST_CHECK enum outcome local_refuse(struct exchange *x, enum outcome outcome,
				     const char *why);

/* Handlers.  id is the segment of the path that names a resource by any of its
 * ids. */
MUST_CHECK enum outcome local_list_resources(struct exchange *x,
					     const char *id);
MUST_CHECK enum outcome local_show_resource(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_change_config(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_rotate(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_suspend(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_resume(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_deprovision(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_restore(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_token(struct exchange *x, const char *id);
MUST_CHECK enum outcome local_events(struct exchange *x, const char *id);

#endif
