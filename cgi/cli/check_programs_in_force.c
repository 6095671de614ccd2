/*
 * check_programs_in_force.c - checks that processes run the installed programs.
 *
 * An upgrade replaces the files of the programs and lets their processes run
 * on.  Linux then marks the name of such a process's program as deleted.  Other
 * installations and containers of the host have programs of their own, in
 * other folders.
 */
#include "cgi/cli/check.h"

#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/check_next.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/pool_processes.h"
#include "lib/base/arena.h"
#include "lib/process/proc.h"

enum { MOST_PROCESSES = 32768 };

static const struct replaced_program {
	const char *name;
	const char *remedy;
	enum check_step step;
} programs[] = {
	{ "provisor.fcgi", "provisor reload", CHECK_STEP_RELOAD },
	{ "provisor-jobs", "provisor reload", CHECK_STEP_RELOAD },
	{ "provisor-hooks", "provisor restart hooks",
	  CHECK_STEP_RESTART_HOOKS },
};

/* Return true if the process runs what was at this path.  Only root and its own
 * user may see that. */
static bool runs_replaced(struct arena *arena, pid_t pid, const char *path)
{
	const char *link = arena_printf(arena, "/proc/%d/exe", (int)pid);
	const char *expected = arena_join(arena, path, " (deleted)");
	char target[PATH_MAX];
	ssize_t length = readlink(link, target, sizeof target);

	return length == (ssize_t)strlen(expected)
		&& memcmp(target, expected, (size_t)length) == 0;
}

static void check_program(struct check *check, const char *folder,
			  const struct replaced_program *program,
			  const pid_t pids[], int count)
{
	const char *path = arena_join(check->arena, folder, "/", program->name);
	int old = 0;

	for (int i = 0; i < count; i++)
		old += runs_replaced(check->arena, pids[i], path);
	if (old == 0)
		return;
	finding_warning(&check->findings,
			"%s: %d processes run a version that is no longer "
			"installed: run %s",
			program->name, old, program->remedy);
	check_next_note(check, program->step);
}

void check_programs_in_force(struct check *check)
{
	pid_t *pids = arena_alloc(check->arena, MOST_PROCESSES * sizeof *pids);
	const char *pool = pool_processes_program(check->arena);
	const char *folder =
		pool ? dirname(arena_strdup(check->arena, pool)) : NULL;
	int count = folder ? proc_list(pids, MOST_PROCESSES) : 0;

	for (size_t i = 0; i < COUNT(programs); i++)
		check_program(check, folder, &programs[i], pids, count);
}
