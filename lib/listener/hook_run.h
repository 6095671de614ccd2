/*
 * hook_run.h - runs a vendor's code for one call, in a supervised process.
 *
 * The process reads a JSON document from standard input (hook_call.h), writes
 * another to standard output and ends with an exit status (hook_answer.h).  Its
 * standard error is logged.  The process belongs to the hooks pool and its
 * user: no code of the vendor runs within a process that has the settings or
 * the keys.  No secret is an argument.
 */
#ifndef LIB_LISTENER_HOOK_RUN_H
#define LIB_LISTENER_HOOK_RUN_H

#include "lib/listener/listener.h"
#include "lib/process/supervise.h"

struct hook {
	const char *file; /* the name of its file, for operators */
	struct supervise_program program;

	/* Return the answer of a process that has exited by itself. */
	struct listener_answer (*read)(struct arena *arena,
				       const struct listener_call *call,
				       const char *file,
				       const struct supervise_end *end);
};

/* Set the path of the hooks pool's socket, which is borrowed. */
void hook_run_use_pool(const char *socket);

/* Return a program with the folder and environment that all programs of an
 * add-on have.  Up to two arguments, unless NULL, follow the path. */
struct supervise_program hook_program(const struct addon *addon,
				      struct arena *arena, const char *path,
				      const char *name, const char *argument);

/* Run the program within the times of call.  The function returns at wait_until
 * at the latest, and no process is left LISTENER_GRACE after that, even if this
 * process dies. */
MUST_CHECK struct listener_answer hook_run(struct arena *arena,
					   const struct listener_call *call,
					   const struct hook *hook);

/* Run a program until its deadline at the latest.  Log its standard error
 * under the name of file.  call is NULL outside a call. */
struct supervise_end hook_run_program(struct arena *arena,
				      struct supervise_program *program,
				      const char *file,
				      const struct listener_call *call,
				      int64_t wait_until);

#endif
