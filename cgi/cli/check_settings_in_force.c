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

/* Return the file that PROVISOR_ENV names in the environment of a process, or
 * NULL.  Only root and the user of the process may read it. */
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

/* Return the seconds since a process started, or 0 if it has ended.  In
 * /proc/PID/stat, the start is the 20th field after the name, in ticks since
 * the boot (proc(5)). */
static double find_process_age(struct arena *arena, pid_t pid)
{
	FILE *file =
		fopen(arena_printf(arena, "/proc/%d/stat", (int)pid), "re");
	unsigned long long ticks = 0;
	struct timespec now;
	bool is_read = file
		&& fscanf(file,
			  "%*d (%*[^)]) %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			  "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			  &ticks)
			== 1;

	if (file)
		fclose(file);
	clock_gettime(CLOCK_BOOTTIME, &now);
	return is_read ? (double)now.tv_sec + (double)now.tv_nsec / 1e9
			- (double)ticks / (double)sysconf(_SC_CLK_TCK)
		       : 0;
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

	if (stat(path, &status) != 0)
		return;
	for (int i = 0; i < count; i++) {
		const char *file = find_settings_file(check->arena, pids[i]);

		if (file && strcmp(file, path) == 0
		    && find_process_age(check->arena, pids[i])
			    > find_file_age(&status))
			old++;
	}
	if (old > 0)
		finding_warning(&check->findings,
				"%s: was changed after %d of %d workers "
				"started, so they have other settings: type "
				"provisor reload",
				path, old, count);
}
