/*
 * check_programs_in_force.c - checks that processes run the installed programs.
 *
 * An upgrade replaces the files of the programs and lets their processes run
 * on.  Linux then marks the name of such a process's program as deleted.
 */
#include "cgi/cli/check.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/check_next.h"
#include "cgi/cli/cli.h"
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

/* Return true if the program of the process had this name and has been
 * replaced.  Only root may see that.  A process of a container may have a
 * program of its own. */
static bool runs_replaced(struct arena *arena, pid_t pid, const char *name)
{
	const char *path = arena_printf(arena, "/proc/%d/exe", (int)pid);
	const char *ending = arena_printf(arena, "/%s (deleted)", name);
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof target);
	size_t size = strlen(ending);

	return length >= (ssize_t)size
		&& memcmp(target + (size_t)length - size, ending, size) == 0;
}

static void check_program(struct check *check,
			  const struct replaced_program *program,
			  const pid_t pids[], int count)
{
	int old = 0;

	for (int i = 0; i < count; i++)
		old += runs_replaced(check->arena, pids[i], program->name);
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
	int count = proc_list(pids, MOST_PROCESSES);

	for (size_t i = 0; i < COUNT(programs); i++)
		check_program(check, &programs[i], pids, count);
}
