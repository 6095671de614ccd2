/*
 * settings.c - provisor settings: what can be set.
 */
#include "cgi/cli/cli.h"

int ctl_settings(const struct ctl *ctl)
{
	(void)ctl;
	config_explain(stdout);
	return CTL_OK;
}
