/*
 * supervisor.h - the process between a program and its caller.
 *
 * call_process.c forks; the new process becomes a supervisor and never returns.
 */
#ifndef LIB_PROCESS_SUPERVISOR_H
#define LIB_PROCESS_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"
#include "lib/process/call_message.h"

struct supervisor {
	struct call_message call;
	int standard[3]; /* become the program's descriptors 0, 1 and 2 */
	int lifeline;    /* end-of-file: the caller has given up or died */
	int report;      /* takes one struct supervisor_report per write */
};

enum supervisor_news {
	SUPERVISOR_NOT_RUN, /* value is errno, step what failed */
	SUPERVISOR_ENDED,   /* value is the status of waitpid() */
	SUPERVISOR_LATE     /* as above, but the supervisor ended it */
};

enum supervisor_step { SUPERVISOR_FORK, SUPERVISOR_FOLDER, SUPERVISOR_EXEC };

struct supervisor_report {
	enum supervisor_news news;
	enum supervisor_step step;
	int value;
	bool has_leftovers; /* the program has left processes behind */
};

/*
 * Read bytes that were written as a report.  Return false if they are not one:
 * the program may belong to the same user as its supervisor, and could open the
 * pipe.
 */
MUST_CHECK bool supervisor_report_read(const char *bytes, size_t length,
				       struct supervisor_report *report);

/*
 * Run the program, report its end, and exit when none of its processes is left.
 */
_Noreturn void supervisor_run(const struct supervisor *supervisor);

#endif
