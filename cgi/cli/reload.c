/*
 * reload.c - provisor reload: replaces the workers and the processes of
 * provisor-jobs on this host, one by one.
 *
 * First it checks that a new process would be ready, because a working pool
 * must not be replaced by a broken one.
 *
 * SIGTERM lets a process end after its current work, and its pool starts
 * another one.  The next process is replaced when as many run as before.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/reload_trial.h"
#include "lib/base/clock.h"
#include "lib/metrics/metrics.h"

enum { START_LIMIT = 10000 }; /* ms for a new process to start */

struct process_kind {
	enum metrics_role role;
	const char *one, *many;
	int64_t work_limit; /* ms that its current work can take */
};

static bool is_among(pid_t pid, const pid_t pids[], int count)
{
	for (int i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Return true if pid has ended and as many processes run as before. */
static bool is_replaced(const struct process_kind *kind, pid_t pid, int before)
{
	pid_t pids[METRICS_SLOTS];
	int count = metrics_pids(kind->role, pids, METRICS_SLOTS);

	return count >= before && !is_among(pid, pids, count);
}

static bool replace_process(const struct process_kind *kind, pid_t pid,
			    int count)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int64_t limit = clock_now() + kind->work_limit + START_LIMIT;

	if (kill(pid, SIGTERM) != 0 && errno != ESRCH) {
		cli_fail("reload: cannot signal %s %d (%s): run this as root "
			 "or as the pools' user",
			 kind->one, (int)pid, strerror(errno));
		return false;
	}
	while (!is_replaced(kind, pid, count)) {
		if (clock_now() > limit) {
			cli_fail("reload: %s %d has not been replaced; the log "
				 "has the reason why no other one starts",
				 kind->one, (int)pid);
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Return how many processes were replaced, or -1 after printing which one was
 * not. */
static int replace_processes(const struct process_kind *kind)
{
	pid_t pids[METRICS_SLOTS];
	int count = metrics_pids(kind->role, pids, METRICS_SLOTS);

	for (int i = 0; i < count; i++)
		if (!replace_process(kind, pids[i], count))
			return -1;
	if (count > 0)
		printf("%s replaced: %d\n", kind->many, count);
	return count;
}

int cli_reload(const struct cli *cli)
{
	const struct process_kind workers = {
		.role = METRICS_WORKER,
		.one = "worker",
		.many = "workers",
		.work_limit = cli->settings.answer_limit,
	};
	const struct process_kind jobs = {
		.role = METRICS_JOBS,
		.one = "provisor-jobs",
		.many = "processes of provisor-jobs",
		.work_limit = cli->settings.job_limit,
	};
	int count, job_count;

	if (!pools_open(&cli->settings))
		return cli_fail("%s: cannot be used (%s): set PROVISOR_METRICS "
				"to the file that the pools use",
				cli->settings.metrics, strerror(errno));
	if (pools_count(METRICS_WORKER) + pools_count(METRICS_JOBS) > 0
	    && !reload_trial(cli))
		return CLI_FAILED;
	count = replace_processes(&workers);
	if (count < 0)
		return CLI_FAILED;
	job_count = replace_processes(&jobs);
	if (job_count < 0)
		return CLI_FAILED;
	if (count + job_count == 0)
		return cli_fail("reload: no worker on this host uses the "
				"metrics file %s: start the pools, or correct "
				"PROVISOR_METRICS",
				cli->settings.metrics);
	return CLI_OK;
}
