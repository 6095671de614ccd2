#include "lib/listener/hook_run.h"

#include <errno.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/listener/hook_answer.h"
#include "lib/listener/hook_call.h"
#include "lib/listener/hook_log.h"
#include "lib/text/json.h"

static const char *pool_socket = "";

void hook_run_use_pool(const char *socket)
{
	pool_socket = socket;
}

/* ---- how it ended ---- */

/* Return how to correct a file that exec() refuses. */
static const char *exec_remedy(int error)
{
	static const struct {
		int error;
		const char *remedy;
	} remedies[] = {
		{ ENOEXEC, "begin it with a line such as #!/bin/sh" },
		{ ENOENT, "correct the program that its #! line names" },
		{ EACCES,
		  "let the user of the hooks pool execute it: chmod a+rx it, "
		  "and chmod a+x the folders above it" },
		{ ETXTBSY,
		  "do not write to it while it runs: replace it by "
		  "renaming another file to it" },
	};

	for (size_t i = 0; i < COUNT(remedies); i++)
		if (remedies[i].error == error)
			return remedies[i].remedy;
	return "correct the cause that the system reports";
}

static const char *describe_end(struct arena *arena,
				const struct supervise_end *end)
{
	switch (end->ending) {
	case SUPERVISE_EXITED:
		return arena_printf(arena, "exit status %d", end->status);
	case SUPERVISE_KILLED:
		return arena_printf(arena, "signal %d, SIG%s", end->status,
				    sigabbrev_np(end->status)
					    ? sigabbrev_np(end->status)
					    : "RT");
	case SUPERVISE_LATE:
		return "ended by provisor, at its deadline";
	case SUPERVISE_TOO_MUCH:
		return "ended by provisor, for writing too much";
	case SUPERVISE_NOT_RUN:
	case SUPERVISE_AWAY:
		return "never run";
	case SUPERVISE_LOST:
		return "ended by provisor, because its supervisor was killed";
	}
	return NULL;
}

static const char *explain_failure(struct arena *arena,
				   const struct supervise_end *end)
{
	switch (end->ending) {
	case SUPERVISE_KILLED:
		return arena_printf(arena, "was ended by signal %d (%s)",
				    end->status, strsignal(end->status));
	case SUPERVISE_LATE:
		return "took too long and was ended: let it return pending "
		       "(exit status 75 and retry_after), and continue when it "
		       "is called again";
	case SUPERVISE_TOO_MUCH:
		return "wrote more than 64 KiB to standard output and was "
		       "ended: write everything but the answer to standard "
		       "error";
	case SUPERVISE_NOT_RUN:
		return arena_printf(arena, "%s (%s): %s", end->step,
				    strerror(end->status),
				    exec_remedy(end->status));
	case SUPERVISE_LOST:
		return "was ended, because its supervisor was killed";
	case SUPERVISE_AWAY:
		return arena_printf(arena, "was not run: %s", end->step);
	case SUPERVISE_EXITED:
		break;
	}
	return NULL;
}

/* ---- running ---- */

static const char *const *list_texts(struct arena *arena, const char *a,
				     const char *b, const char *c)
{
	const char **list = arena_alloc(arena, 4 * sizeof *list);

	list[0] = a;
	list[1] = b;
	list[2] = c;
	return list;
}

struct supervise_program hook_program(const struct addon *addon,
				      struct arena *arena, const char *path,
				      const char *name, const char *argument)
{
	return (struct supervise_program){
		.socket = pool_socket,
		.call = {
			.path = path,
			.arguments = list_texts(arena, name, argument, NULL),
			.environment = list_texts(
				arena,
				"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
				"/usr/bin:/sbin:/bin",
				arena_printf(arena, "HOME=%s", addon->home),
				"LANG=C.UTF-8"),
			.folder = addon->home,
			.grace = LISTENER_GRACE,
		},
	};
}

struct supervise_end hook_run_program(struct arena *arena,
				      struct supervise_program *program,
				      const char *file,
				      const struct listener_call *call,
				      int64_t wait_until)
{
	struct hook_log log = { .file = file, .call = call };
	struct supervise_end end;

	program->take_errors = hook_log_take;
	program->context = &log;
	end = supervise(program, arena, wait_until);
	hook_log_end(&log);
	return end;
}

/* End the document with a newline, for programs that read a line. */
static const char *write_document(struct arena *arena,
				  const struct listener_call *call)
{
	int64_t left = call->deadline - clock_now();
	const struct json *document = hook_call_write(
		arena, call, (int)(left / 1000), (clock_wall() + left) / 1000);

	return arena_printf(arena, "%s\n", json_print(arena, document));
}

struct listener_answer hook_run(struct arena *arena,
				const struct listener_call *call,
				const struct hook *hook)
{
	int64_t now = clock_now();
	struct supervise_program program = hook->program;
	struct supervise_end end;
	struct listener_answer answer;

	if (now >= call->deadline || now >= call->wait_until)
		return hook_answer_failure(arena, hook->file,
					   "was not run: no time was left");
	program.input = write_document(arena, call);
	program.input_length = strlen(program.input);
	program.output_limit = HOOK_ANSWER_LONGEST;
	program.call.deadline = call->deadline;
	end = hook_run_program(arena, &program, hook->file, call,
			       call->wait_until);
	answer = end.ending == SUPERVISE_EXITED
		? hook->read(arena, call, hook->file, &end)
		: hook_answer_failure(arena, hook->file,
				      explain_failure(arena, &end));
	answer.ended = describe_end(arena, &end);
	answer.may_still_run = end.may_still_run;
	return answer;
}
