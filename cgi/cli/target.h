/*
 * target.h - finds the resource that a command is about.
 */
#ifndef CGI_CLI_TARGET_H
#define CGI_CLI_TARGET_H

#include <stdbool.h>

#include "lib/base/base.h"

struct addon;
struct addons;
struct cli;
struct db;
struct json;
struct provider;
struct provider_call;

/*
 * Return the resource whose id is the first word, chosen by --marketplace and
 * --addon if several have this id.  Return NULL after printing that no resource
 * or more than one has it, or that the database failed.
 */
MUST_CHECK const struct json *target_find(const struct cli *cli, struct db *db);

/* Return a member of a resource, such as "id", or NULL if it is null. */
const char *target_text(const struct json *resource, const char *member);

/* Return an add-on of a marketplace.  Return NULL after printing that it has no
 * valid home. */
MUST_CHECK const struct addon *target_addon(const struct addons *addons,
					    const char *marketplace,
					    const char *id);

/* Fill in an operator's call about a resource.  Return false after printing
 * that the add-on of the resource has no valid home. */
MUST_CHECK bool target_call(const struct cli *cli,
			    const struct provider *provider,
			    const struct json *resource,
			    struct provider_call *call);

#endif
