#include "cgi/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/findings.h"

int ctl_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("provisor: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return CTL_FAILED;
}

void ctl_tell(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next)
		if (f->verdict != FINDING_OK)
			ctl_fail("%s%s",
				 f->verdict == FINDING_WARNING ? "warning: "
							       : "",
				 f->text);
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	for (const struct ctl_given *o = ctl->options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return NULL;
}

/* The default file need not exist; one that was asked for must. */
void ctl_read_settings(const struct ctl *ctl, struct config *config,
		       struct findings *findings)
{
	if (!config_read_file(ctl->env_file, findings)
	    && (ctl->is_env_file_asked_for || errno != ENOENT))
		finding_error(findings,
			      "%s: cannot be read (%s): let who runs provisor "
			      "read it, or name another with --env",
			      ctl->env_file, strerror(errno));
	config_load(config, findings);
}
