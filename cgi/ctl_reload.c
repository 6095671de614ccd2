/*
 * ctl_reload.c - provisor reload: replace the workers of this host one by one.
 *
 * Each is asked to end after the request in hand, and the next only when there
 * are as many as before: the pools start another for each that ends.
 */
#include "cgi/ctl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/metrics.h"

enum {
	MOST_WORKERS = 256,
	PATIENCE = 10000 /* ms beyond the answer limit, for one worker */
};

static bool is_among(pid_t pid, const pid_t pids[], int count)
{
	for (int i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Has another taken the place of pid, of as many workers as there were? */
static bool is_replaced(pid_t pid, int before)
{
	pid_t pids[MOST_WORKERS];
	int count = metrics_workers(pids, MOST_WORKERS);

	return count >= before && !is_among(pid, pids, count);
}

static bool replace(const struct ctl *ctl, pid_t pid, int count)
{
	static const struct timespec breath = { .tv_nsec = 10000000 };
	int64_t limit = clock_now() + ctl->config.answer_limit + PATIENCE;

	if (kill(pid, SIGTERM) != 0 && errno != ESRCH) {
		ctl_fail("reload: cannot signal worker %d: %s", (int)pid,
			 strerror(errno));
		return false;
	}
	while (!is_replaced(pid, count)) {
		if (clock_now() > limit) {
			ctl_fail("reload: no worker has taken the place of %d; "
				 "the log says why it cannot start",
				 (int)pid);
			return false;
		}
		nanosleep(&breath, NULL);
	}
	return true;
}

int ctl_reload(const struct ctl *ctl)
{
	pid_t pids[MOST_WORKERS];
	int count;

	if (!metrics_open(ctl->config.metrics, METRICS_READER))
		return ctl_fail("%s: cannot be used: %s; PROVISOR_METRICS must "
				"be what the pools have",
				ctl->config.metrics, strerror(errno));
	count = metrics_workers(pids, MOST_WORKERS);
	if (count == 0)
		return ctl_fail("reload: no worker runs on this host with the "
				"metrics file %s",
				ctl->config.metrics);
	for (int i = 0; i < count; i++)
		if (!replace(ctl, pids[i], count))
			return CTL_FAILED;
	printf("%d workers replaced\n", count);
	return CTL_OK;
}
