/*
 * check.c - provisor check: looks for problems on this host, with remedies.
 */
#include "cgi/cli/check.h"

#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/finding_report.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/log.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/metrics/metrics.h"

/* ---- settings ---- */

/* A connection string can contain a password. */
static void check_env_file(struct check *check)
{
	const char *path = check->cli->env_file;
	struct stat status;

	if (stat(path, &status) != 0)
		return;
	if (status.st_mode & S_IWOTH)
		finding_error(&check->findings,
			      "%s: every user of this host can change it (mode "
			      "%04o): chmod o= %s",
			      path, (unsigned int)status.st_mode & 07777, path);
	else if (status.st_mode & S_IROTH)
		finding_warning(&check->findings,
				"%s: every user of this host can read the "
				"database's password in it (mode %04o): chmod "
				"o= %s",
				path, (unsigned int)status.st_mode & 07777,
				path);
}

static void check_log(struct check *check)
{
	const char *path = check->settings.log;
	struct stat status;

	if (*path == '/'
	    && stat(dirname(arena_strdup(check->arena, path)), &status) != 0)
		finding_error(&check->findings,
			      "PROVISOR_LOG: the folder of %s does not exist: "
			      "create it so that the pools' user can write in "
			      "it",
			      path);
}

static int count_or_default(int count, long fallback)
{
	return count > 0 ? count : (int)fallback;
}

/* The defaults are those of nginx/host/pool. */
int check_count_pools(const struct settings *settings)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return count_or_default(settings->api_workers, 3 * cores)
		+ count_or_default(settings->web_workers, 2 * cores);
}

static void check_workers(struct check *check)
{
	int count = check_count_pools(&check->settings)
		+ settings_job_workers(&check->settings);

	if (count > METRICS_SLOTS)
		finding_error(&check->findings,
			      "PROVISOR_API_WORKERS, PROVISOR_WEB_WORKERS and "
			      "PROVISOR_JOB_WORKERS: together they start %d "
			      "processes: lower them to at most %d per host, "
			      "because provisor reload sees no more",
			      count, METRICS_SLOTS);
}

static void check_settings(struct check *check)
{
	int errors = check->findings.errors;

	cli_read_settings(check->cli, &check->settings, &check->findings);
	check_env_file(check);
	check_log(check);
	check_workers(check);
	if (check->findings.errors == errors)
		finding_ok(&check->findings, "settings: all are valid");
}

int cli_check(const struct cli *cli)
{
	static void (*const parts[])(struct check *) = {
		check_settings,
		check_pools,
		check_settings_in_force,
		check_programs_in_force,
		check_sockets,
		check_keys,
		check_homes,
		check_platform,
		check_database,
		check_nginx,
		check_console,
	};
	struct check check = {
		.cli = cli,
		.arena = cli->arena,
		.findings = { .arena = cli->arena },
	};

	/* Log nothing: the findings say the same. */
	(void)!log_to("/dev/null");
	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i](&check);
	sealing_keys_close(check.keys);
	finding_report(cli, &check.findings);
	check_next_print(&check);
	return check.findings.errors > 0 ? CLI_FAILED : CLI_OK;
}
