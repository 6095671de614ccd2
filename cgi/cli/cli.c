#include "cgi/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/findings.h"
#include "lib/settings/environment_file.h"

int cli_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("provisor: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return CLI_FAILED;
}

void cli_tell(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next)
		if (f->verdict != FINDING_OK)
			cli_fail("%s%s",
				 f->verdict == FINDING_WARNING ? "warning: "
							       : "",
				 f->text);
}

const char *cli_option(const struct cli *cli, const char *name)
{
	for (const struct cli_given *o = cli->options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return NULL;
}

/* The default file need not exist; one that was asked for must. */
void cli_read_settings(const struct cli *cli, struct settings *settings,
		       struct findings *findings)
{
	if (!environment_file_read(cli->env_file, findings)
	    && (cli->is_env_file_asked_for || errno != ENOENT))
		finding_error(findings,
			      "%s: cannot be read (%s): let who runs provisor "
			      "read it, or name another with --env",
			      cli->env_file, strerror(errno));
	settings_load(settings, findings);
}
