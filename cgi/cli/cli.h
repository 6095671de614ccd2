/*
 * cli.h - what the commands of provisor share.
 *
 * A command is a row of the table in commands.c and a function cli_NAME()
 * in a file of its own, cli_NAME.c.  It prints to standard output what was
 * asked for, to standard error what went wrong, and returns the exit status.
 */
#ifndef CGI_CLI_CLI_H
#define CGI_CLI_CLI_H

#include <stdbool.h>

#include "lib/settings/settings.h"

struct arena;
struct db;
struct findings;
struct provider;
struct sealing_keys;

#define CLI_ENV_FILE "/etc/provisor/provisor.env"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_given {
	const char *name;  /* of an option */
	const char *value; /* "" for one that has none */
};

struct cli {
	struct arena *arena;
	struct settings settings;
	const char *env_file; /* that settings are read from */
	bool is_env_file_asked_for;
	bool has_colours; /* standard output is a terminal that takes them */

	/* What stood behind the command's name: options ("--json", or
	 * "--state VALUE") apart from the other words. */
	int count;
	const char **words;
	const struct cli_given *options; /* up to one whose name is NULL */
};

/* The value of an option that was given ("" for one that has none), or NULL. */
const char *cli_option(const struct cli *cli, const char *name);

/* Read the settings.  For who has said that it needs them, that is done. */
void cli_read_settings(const struct cli *cli, struct settings *settings,
		       struct findings *findings);

/* Print "provisor: …" to standard error; returns CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print what is wrong, each finding as cli_fail() does. */
void cli_tell(const struct findings *findings);

/* The keys, for sealing_keys_close().  NULL, and said, when anything is wrong
 * with their file. */
struct sealing_keys *cli_keys_open(const struct cli *cli);

int cli_migrate(const struct cli *cli);
int cli_settings(const struct cli *cli);
int cli_reload(const struct cli *cli);
int cli_check(const struct cli *cli);
int cli_addons_list(const struct cli *cli);
int cli_init(const struct cli *cli);
int cli_hook_test(const struct cli *cli);
int cli_completion(const struct cli *cli);
int cli_help(const struct cli *cli);
int cli_version(const struct cli *cli);
int cli_keys_add(const struct cli *cli);
int cli_keys_use(const struct cli *cli);
int cli_keys_drop(const struct cli *cli);
int cli_keys_reseal(const struct cli *cli);
int cli_resources_list(const struct cli *cli);
int cli_resources_show(const struct cli *cli);
int cli_resources_history(const struct cli *cli);
int cli_resources_find(const struct cli *cli);
int cli_resources_deprovision(const struct cli *cli);
int cli_resources_export(const struct cli *cli);
int cli_resources_import(const struct cli *cli);
int cli_reconcile(const struct cli *cli);
int cli_jobs_list(const struct cli *cli);
int cli_jobs_show(const struct cli *cli);
int cli_jobs_retry(const struct cli *cli);
int cli_jobs_cancel(const struct cli *cli);
int cli_sessions_end(const struct cli *cli);
int cli_config_set(const struct cli *cli);
int cli_config_rotate(const struct cli *cli);

#endif
