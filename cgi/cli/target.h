/*
 * target.h - finds the resource that a command is about.
 */
#ifndef CGI_CLI_TARGET_H
#define CGI_CLI_TARGET_H

#include "lib/base/base.h"
#include "lib/provider/operator.h"

struct addon;
struct addons;
struct cli;
struct db;
struct json;
struct provider;

/*
 * Return the resource whose id is the first word, chosen by --marketplace and
 * --addon if several have this id.  Return NULL after printing that no resource
 * or more than one has it, or that the database failed.
 */
MUST_CHECK const struct json *target_find(const struct cli *cli, struct db *db);

/*
 * Set *id to our id of the resource that --resource names by any of its ids, or
 * to NULL without this option.
 *
 * OUTCOME_NOT_FOUND  no resource has it
 * others             after printing that more than one has it, or that the
 *                    database failed
 */
MUST_CHECK enum outcome target_find_option(const struct cli *cli, struct db *db,
					   const char **id);

/*
 * Find the resource as target_find() does, and open *provider for an act on it;
 * the caller closes it with provider_close().  Return NULL, with nothing open,
 * after printing why it was not found or logging why *provider cannot be
 * opened.
 */
MUST_CHECK const struct json *target_open(const struct cli *cli,
					  struct provider *provider);

/* Return a member of a resource, such as "id", or NULL if it is null. */
const char *target_text(const struct json *resource, const char *member);

/* Return an add-on of a marketplace.  Return NULL after printing that it has no
 * valid home. */
MUST_CHECK const struct addon *target_addon(const struct addons *addons,
					    const char *marketplace,
					    const char *id);

/* Begin an act of the operator who runs the command. */
struct operator_act target_act(const struct cli *cli);

#endif
