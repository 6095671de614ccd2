/*
 * verify_provider.h - reads the options of provisor verify that describe the
 * provider.
 */
#ifndef CGI_CLI_VERIFY_PROVIDER_H
#define CGI_CLI_VERIFY_PROVIDER_H

#include "cgi/cli/command.h"
#include "lib/base/base.h"

struct cli;
struct verify_provider;

/* Each function returns CLI_OK, or another exit status after printing what is
 * wrong. */

/* Read the manifest, addresses, plans, passwords and limits. */
MUST_CHECK int verify_read_provider(const struct cli *cli,
				    struct verify_provider *provider);

/* Set *text to the first line of the file that an option names, or to NULL
 * without the option. */
MUST_CHECK int verify_read_secret(const struct cli *cli, enum option_id id,
				  const char *option, const char **text);

#endif
