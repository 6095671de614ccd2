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
#include "cgi/cli/pool_table.h"
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
				 "has the reason why no new process starts",
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

static struct process_kind process_kind(const struct cli *cli,
					const struct pool *pool)
{
	bool is_jobs = pool->role == METRICS_JOBS;

	return (struct process_kind){
		.role = pool->role,
		.one = is_jobs ? "provisor-jobs" : "worker",
		.many = is_jobs ? "processes of provisor-jobs" : "workers",
		.work_limit = pool_table_limit(pool, &cli->settings),
	};
}

/* Return the number of kinds that the arguments name.  Without arguments, the
 * workers of all pools are one kind, because some run in a pool without a
 * name. */
static int list_process_kinds(const struct cli *cli,
			      struct process_kind kinds[POOL_MOST])
{
	const struct pool *pools[POOL_MOST];
	int count = pool_table_read(cli, pools), end = 0;

	for (int i = 0; i < count; i++) {
		bool has_settings = pools[i]->role != METRICS_PROCESS;

		if (has_settings
		    && (cli->count > 0 || end == 0
			|| pools[i]->role == METRICS_JOBS))
			kinds[end++] = process_kind(cli, pools[i]);
		if (!has_settings && cli->count > 0) {
			cli_fail("reload: the pool %s has no settings: "
				 "provisor restart %s",
				 pools[i]->name, pools[i]->name);
			return 0;
		}
	}
	if (cli->count == 0)
		kinds[0].role = METRICS_WORKER;
	return end;
}

static int replace_kinds(const struct cli *cli,
			 const struct process_kind kinds[], int count)
{
	int total = 0;

	for (int i = 0; i < count; i++) {
		int replaced = replace_processes(&kinds[i]);

		if (replaced < 0)
			return CLI_FAILED;
		total += replaced;
	}
	if (total == 0)
		return cli_fail("reload: no worker on this host uses the "
				"metrics file %s: start the pools with "
				"provisor start, or correct PROVISOR_METRICS",
				cli->settings.metrics);
	return CLI_OK;
}

int cli_reload(const struct cli *cli)
{
	struct process_kind kinds[POOL_MOST];
	int count = list_process_kinds(cli, kinds);

	if (count == 0)
		return CLI_USAGE;
	if (!pools_open(&cli->settings))
		return cli_fail("%s: cannot be used (%s): set PROVISOR_METRICS "
				"to the file that the pools use",
				cli->settings.metrics, strerror(errno));
	if (pools_count(METRICS_WORKER) + pools_count(METRICS_JOBS) > 0
	    && !reload_trial(cli))
		return CLI_FAILED;
	return replace_kinds(cli, kinds, count);
}
