/*
 * addon_homes.h - finds the home of an add-on.
 */
#ifndef CGI_CLI_ADDON_HOMES_H
#define CGI_CLI_ADDON_HOMES_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct cli;

/* Return true after printing the reason if the add-on has a home, valid or not,
 * or if a home that cannot be read may be that of the add-on.  While there is a
 * home, the pools serve the add-on. */
MUST_CHECK bool addon_homes_refuse(const struct cli *cli,
				   const char *marketplace, const char *slug);

/* Return the home of the add-on, valid or not, below folder, which has all
 * homes.  If no manifest has the slug, it is the home with this name.  Return
 * NULL if no home has this name either. */
const char *addon_homes_find(struct arena *arena, const char *folder,
			     const char *marketplace, const char *slug);

/* Return true if the add-on has a valid home. */
MUST_CHECK bool addon_homes_has(const struct cli *cli, const char *marketplace,
				const char *slug);

#endif
