/*
 * console_resource.h - what pages and acts of the console do with a resource.
 */
#ifndef CGI_WEB_CONSOLE_RESOURCE_H
#define CGI_WEB_CONSOLE_RESOURCE_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct console;
struct json;
struct operator_resource;

/* Read the resource with the id of the path.  Unless the outcome is OUTCOME_OK,
 * the response is set. */
MUST_CHECK enum outcome
console_read_resource(struct console *c, struct operator_resource *resource);

/* Return the name of a resource, or its id if it has none. */
const char *console_resource_name(const struct console *c,
				  const struct json *resource);

#endif
