/*
 * addon_remains.h - finds the rows of an add-on that a command names.
 */
#ifndef CGI_CLI_ADDON_REMAINS_H
#define CGI_CLI_ADDON_REMAINS_H

#include "lib/base/base.h"

struct addon_remains;
struct cli;
struct db;

/*
 * Count the rows of the add-on slug, at the marketplace of the option
 * --marketplace, if it is given.  Return NULL after printing that the database
 * failed, that no resource belongs to the add-on, with the hint "provisor
 * HINT", or that resources at two marketplaces do.
 */
MUST_CHECK struct addon_remains *addon_remains_find(const struct cli *cli,
						    struct db *db,
						    const char *slug,
						    const char *hint);

#endif
