/*
 * reload.c - provisor reload: replace the workers of this host, and its
 * processes of provisor-jobs, one by one.
 *
 * Each is asked to end after what it has in hand, and the next only when there
 * are as many as before: another is started for each that ends.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/clock.h"
#include "lib/metrics/metrics.h"

enum { PATIENCE = 10000 }; /* ms beyond what one may have in hand */

/* Those that are replaced alike. */
struct kin {
	enum metrics_role role;
	const char *one, *many;
	int64_t in_hand; /* ms that what one does may take */
};

static bool is_among(pid_t pid, const pid_t pids[], int count)
{
	for (int i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Has another taken the place of pid, of as many as there were? */
static bool is_replaced(const struct kin *kin, pid_t pid, int before)
{
	pid_t pids[METRICS_SLOTS];
	int count = metrics_pids(kin->role, pids, METRICS_SLOTS);

	return count >= before && !is_among(pid, pids, count);
}

static bool replace(const struct kin *kin, pid_t pid, int count)
{
	static const struct timespec breath = { .tv_nsec = 10000000 };
	int64_t limit = clock_now() + kin->in_hand + PATIENCE;

	if (kill(pid, SIGTERM) != 0 && errno != ESRCH) {
		cli_fail("reload: cannot signal %s %d: %s", kin->one, (int)pid,
			 strerror(errno));
		return false;
	}
	while (!is_replaced(kin, pid, count)) {
		if (clock_now() > limit) {
			cli_fail("reload: no %s has taken the place of %d; "
				 "the log says why it cannot start",
				 kin->one, (int)pid);
			return false;
		}
		nanosleep(&breath, NULL);
	}
	return true;
}

/* How many there were; -1, and said, when one could not be replaced. */
static int replace_all(const struct kin *kin)
{
	pid_t pids[METRICS_SLOTS];
	int count = metrics_pids(kin->role, pids, METRICS_SLOTS);

	for (int i = 0; i < count; i++)
		if (!replace(kin, pids[i], count))
			return -1;
	if (count > 0)
		printf("%d %s replaced\n", count, kin->many);
	return count;
}

int cli_reload(const struct cli *cli)
{
	const struct kin workers = {
		.role = METRICS_WORKER,
		.one = "worker",
		.many = "workers",
		.in_hand = cli->settings.answer_limit,
	};
	const struct kin jobs = {
		.role = METRICS_JOBS,
		.one = "provisor-jobs",
		.many = "processes of provisor-jobs",
		.in_hand = cli->settings.job_limit,
	};
	int count, job_count;

	if (!pools_open(&cli->settings))
		return cli_fail("%s: cannot be used: %s; PROVISOR_METRICS must "
				"be what the pools have",
				cli->settings.metrics, strerror(errno));
	count = replace_all(&workers);
	if (count < 0)
		return CLI_FAILED;
	job_count = replace_all(&jobs);
	if (job_count < 0)
		return CLI_FAILED;
	if (count + job_count == 0)
		return cli_fail("reload: no worker runs on this host with the "
				"metrics file %s",
				cli->settings.metrics);
	return CLI_OK;
}
