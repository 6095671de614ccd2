/*
 * settings.c - provisor settings: what can be set.
 */
#include "cgi/cli/cli.h"

int cli_settings(const struct cli *cli)
{
	(void)cli;
	settings_explain(stdout);
	return CLI_OK;
}
