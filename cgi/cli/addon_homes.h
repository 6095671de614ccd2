/*
 * addon_homes.h - whether an add-on has a home, for commands that change what
 * it has in the database.
 */
#ifndef CGI_CLI_ADDON_HOMES_H
#define CGI_CLI_ADDON_HOMES_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;

/* Return true after printing the reason if the add-on has a home, valid or not,
 * or if a home that cannot be read may be that of the add-on.  While there is a
 * home, the pools serve the add-on. */
MUST_CHECK bool addon_homes_refuse(const struct cli *cli,
				   const char *marketplace, const char *slug);

/* Return true if the add-on has a valid home. */
MUST_CHECK bool addon_homes_has(const struct cli *cli, const char *marketplace,
				const char *slug);

#endif
