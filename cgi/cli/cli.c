#include "cgi/cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/settings/environment_file.h"

static void print_failure(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

static void print_failure(const char *format, va_list arguments)
{
	struct arena *arena = arena_create();
	const char *text = arena_vprintf(arena, format, arguments);

	fprintf(stderr, "provisor: %s\n", utf8_for_terminal(arena, text));
	arena_destroy(arena);
}

int cli_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_failure(format, arguments);
	va_end(arguments);
	return CLI_FAILED;
}

int cli_refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_failure(format, arguments);
	va_end(arguments);
	return CLI_USAGE;
}

void cli_print_findings(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next)
		if (f->verdict != FINDING_OK)
			cli_fail("%s%s",
				 f->verdict == FINDING_WARNING ? "warning: "
							       : "",
				 f->text);
}

/* Without this check, a command would silently ignore an option that is missing
 * from its row of the table. */
static const struct option_spec *declared_option(const struct cli *cli,
						 enum option_id id)
{
	for (int i = 0; cli->command->options[i]; i++)
		if (cli->command->options[i]->id == id)
			return cli->command->options[i];
	cli_fail("%s reads an option that commands.c does not declare for it",
		 cli->command->name);
	abort();
}

const char *cli_option(const struct cli *cli, enum option_id id)
{
	const struct option_spec *option = declared_option(cli, id);

	for (int i = cli->given_count; i-- > 0;)
		if (cli->given[i].option == option)
			return cli->given[i].value;
	return option->fallback;
}

const char *cli_option_at(const struct cli *cli, enum option_id id, int index)
{
	const struct option_spec *option = declared_option(cli, id);

	for (int i = 0; i < cli->given_count; i++)
		if (cli->given[i].option == option && index-- == 0)
			return cli->given[i].value;
	return NULL;
}

bool cli_has(const struct cli *cli, enum option_id id)
{
	return cli_option(cli, id);
}

int64_t cli_number(const struct cli *cli, enum option_id id)
{
	const char *text = cli_option(cli, id);
	int64_t number = 0;

	if (text)
		(void)!command_read_number(declared_option(cli, id), text,
					   &number);
	return number;
}

int cli_seconds(const struct cli *cli, enum option_id id)
{
	return (int)((cli_number(cli, id) + 999) / 1000);
}

/* The default file may be absent; a file given with --env must exist. */
void cli_read_settings(const struct cli *cli, struct settings *settings,
		       struct findings *findings)
{
	if (!environment_file_read(cli->env_file, findings)
	    && (cli->is_env_file_given || errno != ENOENT))
		finding_error(findings,
			      "%s: cannot be read (%s): run this as a user who "
			      "can read it, or name another file with --env",
			      cli->env_file, strerror(errno));
	settings_load(settings, findings);
}

const char *cli_user_name(struct arena *arena, uid_t user)
{
	const struct passwd *entry = getpwuid(user);

	return entry ? arena_strdup(arena, entry->pw_name)
		     : arena_printf(arena, "%u", (unsigned int)user);
}

const char *cli_operator(struct arena *arena)
{
	/* Users other than root could set SUDO_USER to any name. */
	const char *invoker = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	bool is_user = invoker && getpwnam(invoker);

	return arena_printf(arena, "operator:%s",
			    is_user ? invoker : cli_user_name(arena, getuid()));
}

struct sealing_keys *cli_open_keys(const struct cli *cli)
{
	struct findings findings = { .arena = cli->arena };
	struct sealing_keys *keys =
		sealing_keys_open(cli->settings.keys, &findings);

	cli_print_findings(&findings);
	if (findings.errors == 0)
		return keys;
	sealing_keys_close(keys);
	return NULL;
}
