/*
 * commands.h - the commands of provisor.
 *
 * A new command is a function here, in a file that has its name, and a row of
 * the table.
 */
#ifndef CGI_CLI_COMMANDS_H
#define CGI_CLI_COMMANDS_H

#include "cgi/cli/command.h"

/* The table ends with a command whose name is NULL. */
extern const struct command commands[];

int cli_addons_forget(const struct cli *cli);
int cli_addons_rename(const struct cli *cli);
int cli_addons_list(const struct cli *cli);
int cli_check(const struct cli *cli);
int cli_completion(const struct cli *cli);
int cli_config_rotate(const struct cli *cli);
int cli_config_set(const struct cli *cli);
int cli_contacts(const struct cli *cli);
int cli_events_list(const struct cli *cli);
int cli_help(const struct cli *cli);
int cli_hook_test(const struct cli *cli);
int cli_init(const struct cli *cli);
int cli_jobs_cancel(const struct cli *cli);
int cli_jobs_list(const struct cli *cli);
int cli_jobs_retry(const struct cli *cli);
int cli_jobs_show(const struct cli *cli);
int cli_keys_add(const struct cli *cli);
int cli_keys_drop(const struct cli *cli);
int cli_keys_list(const struct cli *cli);
int cli_keys_reseal(const struct cli *cli);
int cli_keys_use(const struct cli *cli);
int cli_manifest_diff(const struct cli *cli);
int cli_manifest_lint(const struct cli *cli);
int cli_manifest_list(const struct cli *cli);
int cli_manifest_pull(const struct cli *cli);
int cli_manifest_push(const struct cli *cli);
int cli_manifest_show(const struct cli *cli);
int cli_migrate(const struct cli *cli);
int cli_people_export(const struct cli *cli);
int cli_people_forget(const struct cli *cli);
int cli_platform(const struct cli *cli);
int cli_reconcile(const struct cli *cli);
int cli_reload(const struct cli *cli);
int cli_report(const struct cli *cli);
int cli_resources_count(const struct cli *cli);
int cli_resources_suspend(const struct cli *cli);
int cli_resources_resume(const struct cli *cli);
int cli_resources_create(const struct cli *cli);
int cli_resources_change_plan(const struct cli *cli);
int cli_resources_deprovision(const struct cli *cli);
int cli_verify(const struct cli *cli);
int cli_resources_move(const struct cli *cli);
int cli_resources_restore(const struct cli *cli);
int cli_resources_export(const struct cli *cli);
int cli_resources_find(const struct cli *cli);
int cli_resources_history(const struct cli *cli);
int cli_resources_import(const struct cli *cli);
int cli_resources_list(const struct cli *cli);
int cli_resources_show(const struct cli *cli);
int cli_restored(const struct cli *cli);
int cli_restart(const struct cli *cli);
int cli_sessions_end(const struct cli *cli);
int cli_settings(const struct cli *cli);
int cli_start(const struct cli *cli);
int cli_status(const struct cli *cli);
int cli_stop(const struct cli *cli);
int cli_token(const struct cli *cli);
int cli_version(const struct cli *cli);

#endif
