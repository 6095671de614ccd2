/*
 * address.h - addresses to which a command sends secrets.
 */
#ifndef CGI_CLI_ADDRESS_H
#define CGI_CLI_ADDRESS_H

#include "lib/base/base.h"

struct arena;

/* Return CLI_OK if text is a URL without user and query (URL_BARE) that begins
 * with https or, for a server of this host, with http.  Otherwise return
 * CLI_USAGE after printing the reason; what names the URL. */
MUST_CHECK int cli_check_address(struct arena *arena, const char *what,
				 const char *text);

#endif
