/*
 * pool_processes.h - finds the processes of a pool that runs without systemd,
 * and ends them.
 *
 * A pool has a manager (multiwatch), whose children work.  Both are found by
 * their command line and their user; a pid file is only written, for other
 * tools, and never trusted.
 */
#ifndef CGI_CLI_POOL_PROCESSES_H
#define CGI_CLI_POOL_PROCESSES_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/base.h"

struct arena;
struct pool;

enum { POOL_MOST_WORKERS = 1024 };

struct pool_process {
	pid_t pid;
	int pidfd;
};

struct pool_processes {
	struct pool_process manager; /* pid 0: it does not run */
	pid_t manager_parent;
	double age; /* of the manager, in seconds */
	int count;
	struct pool_process workers[POOL_MOST_WORKERS];
};

/* Return the path of nginx/host/pool: beside this program, or where make
 * install puts it.  Return NULL after printing an error if it is in neither
 * place. */
MUST_CHECK const char *pool_processes_program(struct arena *arena);

/* Find the processes of a pool that program runs.  Workers whose manager has
 * ended are listed, too.  The caller closes what was found. */
void pool_processes_find(const struct pool *pool, const char *program,
			 struct pool_processes *found);
void pool_processes_close(struct pool_processes *found);

/* Let the processes end after their current work. */
void pool_processes_end(const struct pool_processes *found);

/* Return true if all of them have ended. */
MUST_CHECK bool pool_processes_have_ended(const struct pool_processes *found);

/* Kill those that have not ended.  Return their pids as text. */
const char *pool_processes_kill(struct arena *arena,
				const struct pool_processes *found);

#endif
