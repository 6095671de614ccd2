/*
 * check_pools.c - checks that the pools run on this host.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/metrics/metrics.h"

static void refuse_metrics(struct check *check, int error)
{
	const char *path = check->settings.metrics;
	const char *folder = dirname(arena_strdup(check->arena, path));
	struct stat status;

	if (error != ENOENT)
		finding_error(&check->findings,
			      "%s: cannot be used (%s): run this as root or "
			      "as the pools' user, and set PROVISOR_METRICS to "
			      "the file that the pools use",
			      path, strerror(error));
	else if (stat(folder, &status) != 0)
		finding_error(&check->findings,
			      "%s: the folder of the metrics file does not "
			      "exist: run systemd-tmpfiles --create or, "
			      "without systemd, provisor start, which creates "
			      "it; then start the pools",
			      folder);
	else
		finding_error(&check->findings,
			      "%s: does not exist, so no pool runs: start the "
			      "pools with the same PROVISOR_METRICS, with "
			      "provisor start",
			      path);
}

/* Another host may carry out the jobs.  Only if this one did is a process
 * missing. */
static void check_job_processes(struct check *check)
{
	if (pools_count(METRICS_JOBS) == 0 && metrics_has_run(METRICS_JOBS))
		finding_warning(&check->findings,
				"%s: provisor-jobs has run on this host and "
				"does not run now: start it (systemctl start "
				"provisor-jobs), unless another host carries "
				"out the jobs",
				check->settings.metrics);
}

/* Return why the pools cannot use the file, or NULL.  They create it when they
 * log in to the database. */
static const char *timeline_trouble(const struct check *check, const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is not a regular file";
	return check->pool_user == 0 || status.st_uid == check->pool_user
		? NULL
		: "it belongs to another user";
}

static void check_timeline(struct check *check)
{
	const char *path = check->settings.timeline;
	const char *trouble = timeline_trouble(check, path);

	if (trouble)
		finding_warning(&check->findings,
				"%s: the pools cannot use it (%s), so a "
				"primary that has been replaced is not "
				"recognized: let PROVISOR_TIMELINE name a file "
				"in a folder that the pools' user can write",
				path, trouble);
}

void check_pools(struct check *check)
{
	bool is_open = pools_open(&check->settings);
	int error = errno, workers = pools_count(METRICS_WORKER);

	check->pool_user = pools_user(&check->settings);
	if (!is_open)
		refuse_metrics(check, error);
	else if (workers == 0)
		finding_error(
			&check->findings,
			"%s: has no worker, so the pools are not "
			"running: start them with provisor start; if they exit at once, see "
			"their log for the reason",
			check->settings.metrics);
	else
		finding_ok(&check->findings,
			   "%s: running workers: %d (api %d, web %d), as %s; "
			   "processes of provisor-jobs: %d",
			   check->settings.metrics, workers,
			   pools_count(METRICS_API), pools_count(METRICS_WEB),
			   cli_user_name(check->arena, check->pool_user),
			   pools_count(METRICS_JOBS));
	if (workers == 0)
		check_next_note(check, CHECK_STEP_START);
	if (is_open)
		check_job_processes(check);
	if (workers > 0 && *check->settings.timeline)
		check_timeline(check);
}
