/*
 * cli.h - what the commands of provisor share.
 *
 * A command is a row of the table in ctl_commands.c and a function ctl_NAME()
 * in a file of its own, ctl_NAME.c.  It prints to standard output what was
 * asked for, to standard error what went wrong, and returns the exit status.
 */
#ifndef CGI_CLI_CLI_H
#define CGI_CLI_CLI_H

#include <stdbool.h>

#include "lib/base/settings.h"

struct arena;
struct db;
struct findings;
struct provider;
struct secret_keys;

#define CTL_ENV_FILE "/etc/provisor/provisor.env"

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

struct ctl_given {
	const char *name;  /* of an option */
	const char *value; /* "" for one that has none */
};

struct ctl {
	struct arena *arena;
	struct config config;
	const char *env_file; /* that settings are read from */
	bool is_env_file_asked_for;
	bool has_colours; /* standard output is a terminal that takes them */

	/* What stood behind the command's name: options ("--json", or
	 * "--state VALUE") apart from the other words. */
	int count;
	const char **words;
	const struct ctl_given *options; /* up to one whose name is NULL */
};

/* The value of an option that was given ("" for one that has none), or NULL. */
const char *ctl_option(const struct ctl *ctl, const char *name);

/* Read the settings.  For who has said that it needs them, that is done. */
void ctl_read_settings(const struct ctl *ctl, struct config *config,
		       struct findings *findings);

/* Print "provisor: …" to standard error; returns CTL_FAILED. */
int ctl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print what is wrong, each finding as ctl_fail() does. */
void ctl_tell(const struct findings *findings);

/* The keys, for secret_keys_close().  NULL, and said, when anything is wrong
 * with their file. */
struct secret_keys *ctl_keys_open(const struct ctl *ctl);

int ctl_migrate(const struct ctl *ctl);
int ctl_settings(const struct ctl *ctl);
int ctl_reload(const struct ctl *ctl);
int ctl_check(const struct ctl *ctl);
int ctl_addons_list(const struct ctl *ctl);
int ctl_init(const struct ctl *ctl);
int ctl_hook_test(const struct ctl *ctl);
int ctl_completion(const struct ctl *ctl);
int ctl_help(const struct ctl *ctl);
int ctl_version(const struct ctl *ctl);
int ctl_keys_add(const struct ctl *ctl);
int ctl_keys_use(const struct ctl *ctl);
int ctl_keys_drop(const struct ctl *ctl);
int ctl_keys_reseal(const struct ctl *ctl);
int ctl_resources_list(const struct ctl *ctl);
int ctl_resources_show(const struct ctl *ctl);
int ctl_resources_history(const struct ctl *ctl);
int ctl_resources_find(const struct ctl *ctl);
int ctl_resources_deprovision(const struct ctl *ctl);
int ctl_export(const struct ctl *ctl);
int ctl_import(const struct ctl *ctl);
int ctl_reconcile(const struct ctl *ctl);
int ctl_jobs_list(const struct ctl *ctl);
int ctl_jobs_show(const struct ctl *ctl);
int ctl_jobs_retry(const struct ctl *ctl);
int ctl_jobs_cancel(const struct ctl *ctl);
int ctl_sessions_end(const struct ctl *ctl);
int ctl_config_set(const struct ctl *ctl);
int ctl_config_rotate(const struct ctl *ctl);

#endif
