/*
 * console.h - the console: pages in which support finds resources and jobs, and
 * acts on them.
 *
 * nginx serves it on a port of its own, and identifies the operator.  Requests
 * of all other servers do not reach it.
 */
#ifndef CGI_WEB_CONSOLE_H
#define CGI_WEB_CONSOLE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct exchange;

/* Return true for a request that nginx's server for the console has received.
 */
MUST_CHECK bool console_is_meant(const struct exchange *x);

/* Serve such a request. */
MUST_CHECK enum outcome console_serve(struct exchange *x);

#endif
