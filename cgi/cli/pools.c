#include "cgi/cli/pools.h"

#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"
#include "lib/metrics/metrics.h"
#include "lib/process/proc.h"
#include "lib/settings/settings.h"

bool pools_open(const struct settings *settings)
{
	static bool is_open;

	is_open = is_open || metrics_open(settings->metrics, METRICS_READER);
	return is_open;
}

int pools_count(enum metrics_role role)
{
	pid_t pids[METRICS_SLOTS];

	return metrics_pids(role, pids, METRICS_SLOTS);
}

int pools_worker_pids(pid_t pids[])
{
	return metrics_pids(METRICS_WORKER, pids, METRICS_SLOTS);
}

static bool find_file_owner(const char *path, uid_t *owner)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	*owner = status.st_uid;
	return true;
}

/* Nothing of the host exists yet, except perhaps the user that the package
 * creates. */
static void find_installed_user(uid_t *user)
{
	const struct passwd *entry = *user == 0 ? getpwnam(POOL_USER) : NULL;

	if (entry)
		*user = entry->pw_uid;
}

uid_t pools_user(const struct settings *settings)
{
	struct arena *arena = arena_create();
	char *folder = dirname(arena_strdup(arena, settings->metrics));
	uid_t user = geteuid();
	struct proc worker;
	pid_t pid;

	(void)!pools_open(settings);
	if (metrics_pids(METRICS_WORKER, &pid, 1) > 0
	    && proc_read(arena, pid, &worker))
		user = worker.user;
	else if (!find_file_owner(folder, &user)
		 && !find_file_owner(settings->keys, &user))
		find_installed_user(&user);
	arena_destroy(arena);
	return user;
}
