/*
 * supervisor.h - the process that stands between a program and who runs it.
 *
 * supervise.c forks, and the new process becomes a supervisor and never
 * returns.  The two are told apart by what they hold: the caller one end of the
 * lifeline, the supervisor the program.
 */
#ifndef LIB_PROCESS_SUPERVISOR_H
#define LIB_PROCESS_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervisor {
	/* The program, as supervise.h has it. */
	const char *path;
	const char *const *arguments;
	const char *const *environment;
	const char *folder;
	uid_t user;
	int64_t deadline;
	int grace;

	int standard[3]; /* to be the program's descriptors 0, 1 and 2 */
	int lifeline;    /* end-of-file: the caller has given up, or is dead */
	int report;      /* a struct supervisor_report each time */
};

enum supervisor_news {
	SUPERVISOR_NOT_RUN, /* value is errno, step tells what failed */
	SUPERVISOR_ENDED,   /* value is as waitpid() tells */
	SUPERVISOR_LATE     /* the same, and it had to be ended */
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
	bool has_leftovers; /* processes that the program has left behind */
};

/* Run the program, report, and end when nothing of it is left. */
_Noreturn void supervisor_run(const struct supervisor *supervisor);

/* Kill the children of this process; those they leave become its children if
 * it is a subreaper.  False, when there was none. */
bool supervisor_kill_children(void);

#endif
