#include "cgi/cli/pool_processes.h"

#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"
#include "lib/process/proc.h"

enum { MOST_PROCESSES = 65536 };

const char *pool_processes_program(struct arena *arena)
{
	static const char *const places[] = { "pool", "../lib/provisor/pool" };
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof self - 1) <= 0)
		*self = '\0';
	dirname(self);
	for (size_t i = 0; i < COUNT(places); i++) {
		char *path = realpath(
			arena_printf(arena, "%s/%s", self, places[i]), NULL);
		const char *found = path ? arena_strdup(arena, path) : NULL;

		free(path);
		if (found)
			return found;
	}
	cli_fail("%s/%s: does not exist: run make install", self,
		 places[COUNT(places) - 1]);
	return NULL;
}

enum pool_part { NO_PART, MANAGER_PART, WORKER_PART };

/*
 * A worker's arguments are its program and the name of its pool.  Those are the
 * last arguments of the manager, too; before it becomes multiwatch, it is a
 * shell that runs program.
 */
static enum pool_part find_part(struct arena *arena, const struct pool *pool,
				const char *program, const struct proc *proc)
{
	const char *const *end = proc->words + proc->count;
	const char *folder = dirname(arena_strdup(arena, program));
	const char *worker =
		arena_printf(arena, "%s/%s", folder, pool->program);

	if (proc->count < 2 || strcmp(end[-1], pool->name) != 0)
		return NO_PART;
	if (proc->count == 2 && strcmp(end[-2], worker) == 0)
		return WORKER_PART;
	return proc->count > 2
			&& (strcmp(end[-2], worker) == 0
			    || strcmp(end[-2], program) == 0)
		? MANAGER_PART
		: NO_PART;
}

/* Open the process if it is a part of the pool.  It cannot have become another
 * process if it has not ended since it was opened. */
static enum pool_part open_part(struct arena *arena, const struct pool *pool,
				const char *program, uid_t user,
				struct pool_process *process, struct proc *proc)
{
	enum pool_part part;

	if (!proc_read(arena, process->pid, proc) || proc->user != user
	    || find_part(arena, pool, program, proc) == NO_PART)
		return NO_PART;
	process->pidfd = pidfd_open(process->pid, 0);
	if (process->pidfd < 0)
		return NO_PART;
	part = proc_read(arena, process->pid, proc) && proc->user == user
			&& proc_shares_files(arena, process->pid)
		? find_part(arena, pool, program, proc)
		: NO_PART;
	if (part != NO_PART && !proc_has_ended(process->pidfd))
		return part;
	close(process->pidfd);
	return NO_PART;
}

/* A process that the manager has just forked looks like the manager until it
 * runs its own program: keep the parent of the two. */
static void add_manager(struct pool_processes *found,
			const struct pool_process *process,
			const struct proc *proc)
{
	if (found->manager.pid && found->manager_parent != process->pid) {
		close(process->pidfd);
		return;
	}
	if (found->manager.pid)
		close(found->manager.pidfd);
	found->manager = *process;
	found->manager_parent = proc->parent;
	found->age = proc->age;
}

void pool_processes_find(const struct pool *pool, const char *program,
			 struct pool_processes *found)
{
	struct arena *arena = arena_create();
	const struct passwd *user = getpwnam(pool->user);
	pid_t *pids = arena_alloc(arena, MOST_PROCESSES * sizeof *pids);
	int count = user ? proc_list(pids, MOST_PROCESSES) : 0;

	*found = (struct pool_processes){ .count = 0 };
	for (int i = 0; i < count && found->count < POOL_MOST_WORKERS; i++) {
		struct pool_process process = { .pid = pids[i] };
		struct proc proc;

		switch (open_part(arena, pool, program, user->pw_uid, &process,
				  &proc)) {
		case MANAGER_PART:
			add_manager(found, &process, &proc);
			break;
		case WORKER_PART:
			found->workers[found->count++] = process;
			break;
		case NO_PART:
			break;
		}
	}
	arena_destroy(arena);
}

void pool_processes_close(struct pool_processes *found)
{
	if (found->manager.pid)
		close(found->manager.pidfd);
	for (int i = 0; i < found->count; i++)
		close(found->workers[i].pidfd);
	*found = (struct pool_processes){ .count = 0 };
}

static void signal_process(const struct pool_process *process, int number)
{
	if (process->pid)
		(void)!pidfd_send_signal(process->pidfd, number, NULL, 0);
}

/* The manager passes SIGTERM on to its workers.  Without a manager, signal the
 * workers. */
void pool_processes_end(const struct pool_processes *found)
{
	signal_process(&found->manager, SIGTERM);
	for (int i = 0; !found->manager.pid && i < found->count; i++)
		signal_process(&found->workers[i], SIGTERM);
}

static bool has_ended(const struct pool_process *process)
{
	return !process->pid || proc_has_ended(process->pidfd);
}

bool pool_processes_have_ended(const struct pool_processes *found)
{
	if (!has_ended(&found->manager))
		return false;
	for (int i = 0; i < found->count; i++)
		if (!has_ended(&found->workers[i]))
			return false;
	return true;
}

/* The manager is killed first, so that it starts no other worker. */
const char *pool_processes_kill(struct arena *arena,
				const struct pool_processes *found)
{
	const char *list = "";

	if (!has_ended(&found->manager)) {
		signal_process(&found->manager, SIGKILL);
		list = arena_printf(arena, " %d", (int)found->manager.pid);
	}
	for (int i = 0; i < found->count; i++) {
		if (has_ended(&found->workers[i]))
			continue;
		signal_process(&found->workers[i], SIGKILL);
		list = arena_printf(arena, "%s %d", list,
				    (int)found->workers[i].pid);
	}
	return list;
}
