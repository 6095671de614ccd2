/*
 * proc.h - what Linux tells about a running process in /proc (proc(5)).
 *
 * A pid can be used again for another process.  To act on the process that was
 * examined, open a pidfd first, and check afterwards that it has not ended.
 */
#ifndef LIB_PROCESS_PROC_H
#define LIB_PROCESS_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/base.h"

struct arena;

struct proc {
	pid_t parent;
	uid_t user;         /* its effective user */
	double age;         /* seconds since it started */
	int count;          /* of arguments, which the process can change */
	const char **words; /* the arguments; the program's name is the first */
};

/* Read what is known of a process.  Return false if it has ended. */
MUST_CHECK bool proc_read(struct arena *arena, pid_t pid, struct proc *proc);

/* Return true unless the process is known to have another view of the file
 * system than this one, as processes of containers have.  Only root learns
 * that. */
MUST_CHECK bool proc_shares_files(struct arena *arena, pid_t pid);

/* List the pids of all processes, up to most.  Return their number. */
int proc_list(pid_t pids[], int most);

/* Return true if the process of a pidfd has ended. */
MUST_CHECK bool proc_has_ended(int pidfd);

#endif
