/*
 * supervise.h - lets the hooks pool run a program, and ends all processes that
 * the program leaves behind.
 *
 * The pool (call_server.h) runs as another user.  There, a supervisor process
 * starts the program.  When the program ends, its deadline passes, or the
 * caller gives up or dies, the supervisor ends every process that the program
 * has started, daemons included: it sends SIGTERM and, after a grace period,
 * SIGKILL.  If the supervisor itself is killed, the pool ends these processes.
 *
 * The program gets descriptors 0, 1 and 2 and no others, no signal handlers, no
 * blocked signals, no terminal, and umask 077.
 */
#ifndef LIB_PROCESS_SUPERVISE_H
#define LIB_PROCESS_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/process/call_message.h"

struct arena;

struct supervise_program {
	const char *socket; /* of the pool */
	struct call_message call;
	const char *input; /* for its standard input */
	size_t input_length;
	size_t output_limit; /* bytes that standard output may have */
	/* Called with its standard error, as it arrives. */
	void (*take_errors)(void *context, const char *bytes, size_t length);
	void *context;
};

enum supervise_ending {
	SUPERVISE_EXITED,   /* status is its exit status */
	SUPERVISE_KILLED,   /* status is the signal */
	SUPERVISE_LATE,     /* the deadline or wait_until has passed */
	SUPERVISE_TOO_MUCH, /* its output exceeds output_limit */
	SUPERVISE_NOT_RUN,  /* it could not be started; status is errno, and
			       step names what failed */
	SUPERVISE_LOST,     /* its supervisor was killed */
	SUPERVISE_AWAY      /* the pool did not accept the call; step has the
			       reason and the remedy */
};

struct supervise_end {
	enum supervise_ending ending;
	int status;
	const char *step;
	const char *output; /* terminated, in the arena */
	size_t output_length;
	/* Processes of the program may still run: the supervisor ends them
	 * within the grace period. */
	bool may_still_run;
};

/*
 * Run the program.  Return when it has ended and its output has been read, and
 * at wait_until (of clock_now()) at the latest.  Do not wait for processes that
 * the program leaves behind.
 */
MUST_CHECK struct supervise_end
supervise(const struct supervise_program *program, struct arena *arena,
	  int64_t wait_until);

#endif
