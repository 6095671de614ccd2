/*
 * pairs.h - reads options of the form NAME=VALUE.
 */
#ifndef CGI_CLI_PAIRS_H
#define CGI_CLI_PAIRS_H

#include "cgi/cli/command.h"

struct cli;
struct json;

/* Read the NAME=VALUE of a repeatable option, called option, as an object.
 * Return NULL after printing which one is wrong. */
const struct json *cli_pairs(const struct cli *cli, enum option_id id,
			     const char *option);

#endif
