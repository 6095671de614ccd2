/*
 * check_settings_in_force.c - checks that workers use the settings on disk.
 */
#include "cgi/cli/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/metrics/metrics.h"
#include "lib/process/proc.h"

/* Return the file that PROVISOR_ENV names in the environment of a process, or
 * NULL.  Only root may read it (private.h). */
static const char *find_settings_file(struct arena *arena, pid_t pid)
{
	static const char name[] = "PROVISOR_ENV=";
	FILE *file =
		fopen(arena_printf(arena, "/proc/%d/environ", (int)pid), "re");
	const char *found = NULL;
	char *entry = NULL;
	size_t size = 0;

	while (file && !found && getdelim(&entry, &size, '\0', file) > 0)
		if (strncmp(entry, name, strlen(name)) == 0)
			found = arena_strdup(arena, entry + strlen(name));
	free(entry);
	if (file)
		fclose(file);
	return found;
}

static double find_file_age(const struct stat *status)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)(now.tv_sec - status->st_mtim.tv_sec)
		+ (double)(now.tv_nsec - status->st_mtim.tv_nsec) / 1e9;
}

void check_settings_in_force(struct check *check)
{
	const char *path = check->cli->env_file;
	pid_t pids[METRICS_SLOTS];
	int count = pools_worker_pids(pids), old = 0;
	struct stat status;
	struct proc proc;

	if (stat(path, &status) != 0)
		return;
	for (int i = 0; i < count; i++) {
		const char *file = find_settings_file(check->arena, pids[i]);

		if (file && strcmp(file, path) == 0
		    && proc_read(check->arena, pids[i], &proc)
		    && proc.age > find_file_age(&status))
			old++;
	}
	if (old == 0)
		return;
	check_next_note(check, CHECK_STEP_RELOAD);
	finding_warning(&check->findings,
			"%s: was changed after %d of %d workers "
			"started, so they still use the old settings: "
			"run provisor reload",
			path, old, count);
}
