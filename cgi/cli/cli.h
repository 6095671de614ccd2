/*
 * cli.h - declarations that the commands of provisor share.
 *
 * A command prints its result to standard output and errors to standard error,
 * and returns the exit status.
 */
#ifndef CGI_CLI_CLI_H
#define CGI_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgi/cli/command.h"
#include "lib/base/base.h"
#include "lib/settings/settings.h"

struct arena;
struct findings;
struct sealing_keys;

#define CLI_ENV_FILE "/etc/provisor/provisor.env"

enum {
	CLI_OK = 0,     /* done, or everything is in order */
	CLI_FAILED = 1, /* failed, or something is wrong */
	CLI_USAGE = 2   /* the command line is wrong, or --yes is missing */
};

/* An option on the command line. */
struct cli_given {
	const struct option_spec *option;
	const char *value; /* "" for a flag */
};

struct cli {
	struct arena *arena;
	const struct command *commands; /* all of them */
	const struct command *command;  /* the one that runs */
	struct settings settings;       /* if the command needs them */
	const char *env_file;           /* the settings file */
	bool is_env_file_given;         /* with --env */
	bool has_colours;               /* standard output is a terminal */

	/* The arguments of the command, and the options in the given order. */
	int count;
	const char **words;
	int given_count;
	struct cli_given *given;
};

/*
 * Return the last given value of an option, or else its default, or else NULL.
 *
 * This function and the four below abort the process if the running command
 * does not declare the option.
 */
const char *cli_option(const struct cli *cli, enum option_id id);

/* Return value number index of a repeatable option, or NULL after the last. */
const char *cli_option_at(const struct cli *cli, enum option_id id, int index);

/* Return true if a flag is given. */
MUST_CHECK bool cli_has(const struct cli *cli, enum option_id id);

/* Return the value of an option as a number, or in milliseconds for a duration.
 * Return 0 if it is not given and has no default. */
int64_t cli_number(const struct cli *cli, enum option_id id);

/* Return a duration in seconds, rounded up. */
int cli_seconds(const struct cli *cli, enum option_id id);

/* Read the settings.  main() does so for a command that needs them. */
void cli_read_settings(const struct cli *cli, struct settings *settings,
		       struct findings *findings);

/* Return the name of a user of this host, or the user's number if there is no
 * name. */
const char *cli_user_name(struct arena *arena, uid_t user);

/* Return the actor of events that this process writes: "operator:USER".  Root
 * acts for the user who called it through sudo. */
const char *cli_operator(struct arena *arena);

/* Print "provisor: ..." to standard error and return CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Do the same, but return CLI_USAGE. */
int cli_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print errors and warnings, each as cli_fail() does. */
void cli_print_findings(const struct findings *findings);

/* Open the sealing keys; the caller closes them.  Return NULL after printing
 * what is wrong with their file. */
MUST_CHECK struct sealing_keys *cli_open_keys(const struct cli *cli);

#endif
