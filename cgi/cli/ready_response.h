/*
 * ready_response.h - reads nginx's response to GET /ready.
 *
 * A program other than nginx, or a pool of another release, may have sent it.
 */
#ifndef CGI_CLI_READY_RESPONSE_H
#define CGI_CLI_READY_RESPONSE_H

#include "lib/base/base.h"

struct arena;
struct json;

struct ready_response {
	int status;              /* 0: it is not an HTTP response */
	const struct json *body; /* or NULL */
};

MUST_CHECK struct ready_response ready_response_read(struct arena *arena,
						     const char *text);

/* Return the first member of the body that is not "ok", as "keys: ...", or
 * NULL.  An error page of nginx has none of these members. */
MUST_CHECK const char *
ready_response_trouble(struct arena *arena,
		       const struct ready_response *response);

#endif
