/*
 * main-ctl.c - provisor, the operator's command line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/ctl.h"
#include "lib/arena.h"
#include "lib/base.h"
#include "lib/finding.h"

#define ENV_FILE "/etc/provisor/provisor.env"

static int run_help(const struct ctl *ctl);
static int run_version(const struct ctl *ctl);

static const struct ctl_option no_options[] = { { .name = NULL } };

static const struct ctl_option migrate_options[] = {
	{ "--dry-run", NULL, "only list what is due" },
	{ .name = NULL },
};

static const struct ctl_option check_options[] = {
	{ "--json", NULL, "an object a line, for programs" },
	{ "--ops", "SOCKET", "nginx's socket for operators" },
	{ .name = NULL },
};

static const struct ctl_option json_options[] = {
	{ "--json", NULL, "an object a line, for programs" },
	{ .name = NULL },
};

static const struct ctl_option list_options[] = {
	{ "--marketplace", "NAME", "only of this marketplace" },
	{ "--addon", "SLUG", "only of this add-on" },
	{ "--state", "STATE", "only in this state, such as provisioned" },
	{ "--plan", "PLAN", "only on this plan" },
	{ "--since", "DURATION", "only those made within it, such as 48h" },
	{ "--limit", "N", "the newest N; 100 if nothing is said" },
	{ "--json", NULL, "an object a line, for programs" },
	{ .name = NULL },
};

static const struct ctl_option show_options[] = {
	{ "--marketplace", "NAME", "where an id is not enough" },
	{ "--addon", "SLUG", "where an id is not enough" },
	{ "--reveal", NULL, "values of config vars too; writes an event" },
	{ "--json", NULL, "an object, for programs" },
	{ .name = NULL },
};

static const struct ctl_option history_options[] = {
	{ "--marketplace", "NAME", "where an id is not enough" },
	{ "--addon", "SLUG", "where an id is not enough" },
	{ "--limit", "N", "the newest N; 100 if nothing is said" },
	{ "--json", NULL, "an object a line, for programs" },
	{ .name = NULL },
};

static const struct ctl_option deprovision_options[] = {
	{ "--marketplace", "NAME", "where an id is not enough" },
	{ "--addon", "SLUG", "where an id is not enough" },
	{ "--yes", NULL, "do it; without this it is only told" },
	{ .name = NULL },
};

static const struct ctl_option init_options[] = {
	{ "--staging", NULL, "a second one, SLUG-staging" },
	{ "--url", "https://HOST", "where the marketplace will find it" },
	{ .name = NULL },
};

/* clang-format off */
static const struct ctl_command commands[] = {
	{ "migrate", "", 0, 0, true, ctl_migrate,
	  "bring the database up to date", NULL, migrate_options },
	{ "reload", "", 0, 0, true, ctl_reload,
	  "replace the workers of this host one by one, losing no request",
	  "Each worker ends after the request in hand, and its pool starts another,\n"
	  "which is the program that is installed by then.", no_options },
	{ "check", "", 0, 0, false, ctl_check,
	  "look for what is wrong with this host, and say what helps",
	  "Looks at settings, keys, add-ons, database, pools and nginx, and ends with 1 when\n"
	  "there is an error.  Run it as root or as the pools' user.", check_options },
	{ "resources list", "", 0, 0, true, ctl_resources_list,
	  "what customers have, newest first", NULL, list_options },
	{ "resources find", "TEXT", 1, 1, true, ctl_resources_find,
	  "those with TEXT in an id, name, owner or log drain token",
	  "Upper and lower case are the same.", list_options },
	{ "resources show", "ID", 1, 1, true, ctl_resources_show,
	  "all that is kept of one; of config vars the names",
	  "ID is ours, the marketplace's, or the one that was answered to it.",
	  show_options },
	{ "resources history", "ID", 1, 1, true, ctl_resources_history,
	  "what happened to one, and who did it", NULL, history_options },
	{ "resources deprovision", "ID", 1, 1, true, ctl_resources_deprovision,
	  "end one as the marketplace would, for good",
	  "The marketplace is not told.", deprovision_options },
	{ "addons list", "", 0, 0, true, ctl_addons_list,
	  "the add-ons this host sells, and what is wrong with them",
	  "Ends with 1 when a home is broken.", json_options },
	{ "keys add", "[ID]", 0, 1, true, ctl_keys_add,
	  "make a key, which opens and does not yet seal",
	  "ID is by default the date.  A keys file that is missing is made.  With several\n"
	  "hosts, give each the new file before the next step.", no_options },
	{ "keys use", "ID", 1, 1, true, ctl_keys_use,
	  "have a key seal from now on",
	  "Waits until each request that does not know the key yet has ended.", no_options },
	{ "keys reseal", "", 0, 0, true, ctl_keys_reseal,
	  "seal anew what was sealed with other keys",
	  "The pools may go on meanwhile; it can be interrupted and begun again.", no_options },
	{ "keys drop", "ID", 1, 1, true, ctl_keys_drop,
	  "take out a key that nothing needs any more",
	  "Refuses while any row does.", no_options },
	{ "init", "MARKETPLACE SLUG", 2, 2, true, ctl_init,
	  "write the home of a new add-on",
	  "It has a manifest as Heroku's command line generates it, with random secrets,\n"
	  "a template to start from and empty settings, and is valid at once.", init_options },
	{ "completion", "bash", 1, 1, false, ctl_completion,
	  "print what completes these commands in bash",
	  "In ~/.bashrc: source <(provisor completion bash)", no_options },
	{ "settings", "", 0, 0, false, ctl_settings,
	  "list every setting, its default and its meaning", NULL, no_options },
	{ "version", "", 0, 0, false, run_version,
	  "which provisor this is", NULL, no_options },
	{ "help", "[COMMAND]", 0, 2, false, run_help,
	  "this list, or more about one command", NULL, no_options },
};
/* clang-format on */

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
	for (const struct ctl_option *o = ctl->options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return NULL;
}

/* ---- help ---- */

static int run_version(const struct ctl *ctl)
{
	(void)ctl;
	puts("provisor " PROVISOR_VERSION);
	return CTL_OK;
}

static void explain_all(void)
{
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-22s %s\n", commands[i].name, commands[i].meaning);
	puts("\nprovisor help COMMAND tells more.  Settings come from the "
	     "environment, and for\nwhat is not set there from FILE, by "
	     "default " ENV_FILE ".");
}

static void print_usage(FILE *out, const struct ctl_command *command)
{
	fprintf(out, "usage: provisor %s", command->name);
	for (const struct ctl_option *o = command->options; o->name; o++)
		fprintf(out, " [%s%s%s]", o->name, o->value ? " " : "",
			o->value ? o->value : "");
	if (*command->words)
		fprintf(out, " %s", command->words);
	fputc('\n', out);
}

static void explain(const struct ctl_command *command)
{
	print_usage(stdout, command);
	printf("\n%s\n", command->meaning);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options->name)
		putchar('\n');
	for (const struct ctl_option *o = command->options; o->name; o++)
		printf("  %-22s %s\n", o->name, o->meaning);
}

/* The command that the first one or two words name. */
static const struct ctl_command *find_command(struct arena *arena, int count,
					      const char *const words[])
{
	const char *two = count > 1
		? arena_printf(arena, "%s %s", words[0], words[1])
		: "";

	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, words[0]) == 0
		    || strcmp(commands[i].name, two) == 0)
			return &commands[i];
	return NULL;
}

static int refuse_unknown(const char *word)
{
	ctl_fail("there is no command \"%s\"; provisor help lists them", word);
	return CTL_USAGE;
}

static int run_help(const struct ctl *ctl)
{
	const struct ctl_command *command;

	if (ctl->count == 0) {
		explain_all();
		return CTL_OK;
	}
	command = find_command(ctl->arena, ctl->count, ctl->words);
	if (!command)
		return refuse_unknown(ctl->words[0]);
	explain(command);
	return CTL_OK;
}

/* ---- reading the command line ---- */

/* The option of the command that argument names, or NULL. */
static const struct ctl_option *find_option(const struct ctl_command *command,
					    const char *argument)
{
	for (const struct ctl_option *o = command->options; o->name; o++)
		if (strcmp(o->name, argument) == 0)
			return o;
	return NULL;
}

/* Part what follows the command's name into words and options.  False, when it
 * does not fit the command. */
static bool read_arguments(struct ctl *ctl, const struct ctl_command *command,
			   int count, char **arguments)
{
	struct ctl_option *given =
		arena_alloc(ctl->arena, ((size_t)count + 1) * sizeof *given);

	ctl->words = arena_alloc(ctl->arena,
				 ((size_t)count + 1) * sizeof *ctl->words);
	ctl->options = given;
	for (int i = 0; i < count; i++) {
		const struct ctl_option *option =
			find_option(command, arguments[i]);

		if (!option) {
			if (strncmp(arguments[i], "--", 2) == 0)
				return false;
			ctl->words[ctl->count++] = arguments[i];
			continue;
		}
		given->name = option->name;
		given->value = "";
		if (option->value && ++i == count)
			return false;
		if (option->value)
			given->value = arguments[i];
		given++;
	}
	return ctl->count >= command->fewest && ctl->count <= command->most;
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

static bool load_settings(struct ctl *ctl)
{
	struct findings findings = { .arena = ctl->arena };

	ctl_read_settings(ctl, &ctl->config, &findings);
	ctl_tell(&findings);
	return findings.errors == 0;
}

static int words_in(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool asks_for_help(int count, char **arguments)
{
	for (int i = 0; i < count; i++)
		if (strcmp(arguments[i], "--help") == 0
		    || strcmp(arguments[i], "-h") == 0)
			return true;
	return false;
}

static int run(struct ctl *ctl, int count, char **arguments)
{
	const struct ctl_command *command;
	int skip;

	if (count >= 2 && strcmp(arguments[0], "--env") == 0) {
		ctl->env_file = arguments[1];
		ctl->is_env_file_asked_for = true;
		arguments += 2;
		count -= 2;
	}
	if (count > 0 && strcmp(arguments[0], "--version") == 0)
		return run_version(ctl);
	if (count == 0 || arguments[0][0] == '-') {
		explain_all();
		return asks_for_help(count, arguments) || count == 0
			? CTL_OK
			: CTL_USAGE;
	}
	command =
		find_command(ctl->arena, count, (const char *const *)arguments);
	if (!command)
		return refuse_unknown(arguments[0]);
	skip = words_in(command->name);
	if (asks_for_help(count - skip, arguments + skip)) {
		explain(command);
		return CTL_OK;
	}
	if (!read_arguments(ctl, command, count - skip, arguments + skip)) {
		print_usage(stderr, command);
		return CTL_USAGE;
	}
	if (command->needs_settings && !load_settings(ctl))
		return CTL_FAILED;
	return command->run(ctl);
}

int main(int count, char **arguments)
{
	struct ctl ctl = {
		.arena = arena_create(),
		.env_file = ENV_FILE,
		.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
		.commands = commands,
		.command_count = COUNT(commands),
	};
	int status = run(&ctl, count - 1, arguments + 1);

	arena_destroy(ctl.arena);
	return status;
}
