#include "cgi/cli/pools.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/settings.h"
#include "lib/metrics/metrics.h"

bool ctl_pool_open(const struct config *config)
{
	static bool is_open;

	is_open = is_open || metrics_open(config->metrics, METRICS_READER);
	return is_open;
}

int ctl_pool_workers(void)
{
	pid_t pids[METRICS_SLOTS];

	return metrics_pids(METRICS_WORKER, pids, METRICS_SLOTS);
}

int ctl_pool_job_workers(void)
{
	pid_t pids[METRICS_SLOTS];

	return metrics_pids(METRICS_JOBS, pids, METRICS_SLOTS);
}

static bool find_owner(const char *path, uid_t *owner)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	*owner = status.st_uid;
	return true;
}

uid_t ctl_pool_user(const struct config *config)
{
	struct arena *arena = arena_create();
	char *folder = dirname(arena_strdup(arena, config->metrics));
	uid_t user = geteuid();
	pid_t pid;

	ctl_pool_open(config);
	if ((metrics_pids(METRICS_WORKER, &pid, 1) == 0
	     || !find_owner(arena_printf(arena, "/proc/%d", (int)pid), &user))
	    && !find_owner(folder, &user))
		find_owner(config->keys, &user);
	arena_destroy(arena);
	return user;
}
