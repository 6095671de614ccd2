/*
 * nginx_request.h - sends a request to nginx, without TLS.
 */
#ifndef CGI_CLI_NGINX_REQUEST_H
#define CGI_CLI_NGINX_REQUEST_H

#include "lib/base/base.h"

struct arena;

/* Send request to address, which is "host:port" or "[host]:port".  Return the
 * beginning of the response, which is empty if none comes in 10 s.  Return NULL
 * if nothing listens there; *why has the reason. */
MUST_CHECK const char *nginx_request(struct arena *arena, const char *address,
				     const char *request, const char **why);

#endif
