/*
 * supervisor.h - the process between a program and its caller.
 *
 * supervise.c forks; the new process becomes a supervisor and never returns.
 */
#ifndef LIB_PROCESS_SUPERVISOR_H
#define LIB_PROCESS_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervisor {
	/* The program, as in supervise.h. */
	const char *path;
	const char *const *arguments;
	const char *const *environment;
	const char *folder;
	uid_t user;
	int64_t deadline;
	int grace;

	int standard[3]; /* become the program's descriptors 0, 1 and 2 */
	int lifeline;    /* end-of-file: the caller has given up or died */
	int report;      /* takes one struct supervisor_report per write */
};

enum supervisor_news {
	SUPERVISOR_NOT_RUN, /* value is errno, step what failed */
	SUPERVISOR_ENDED,   /* value is the status of waitpid() */
	SUPERVISOR_LATE     /* as above, but the supervisor ended it */
};

enum supervisor_step {
	SUPERVISOR_FORK,
	SUPERVISOR_USER,
	SUPERVISOR_FOLDER,
	SUPERVISOR_EXEC
};

struct supervisor_report {
	enum supervisor_news news;
	enum supervisor_step step;
	int value;
	bool has_leftovers; /* the program has left processes behind */
};

/*
 * Run the program, report its end, and exit when none of its processes is left.
 */
_Noreturn void supervisor_run(const struct supervisor *supervisor);

/* Kill the children of this process.  If it is a subreaper, their orphans
 * become its children.  Return false if it had none. */
bool supervisor_kill_children(void);

#endif
