#include "lib/process/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/process/call_client.h"
#include "lib/process/supervisor.h"

enum {
	CHUNK = 4096,
	FULL_PIPE = 17,      /* chunks in a full pipe, and one more */
	KILL_PATIENCE = 1000 /* ms */
};

struct supervised_run {
	const struct supervise_program *program;
	struct supervise_end end;
	int ends[CALL_DESCRIPTORS]; /* of the pipes; -1: closed */
	int connection;
	size_t written;
	char *output;
	bool is_decided; /* end.ending is final */
	bool has_ended;
};

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

/* ---- starting ---- */

static bool start_run(struct supervised_run *run, struct arena *arena,
		      int64_t wait_until)
{
	const struct supervise_program *program = run->program;
	const struct call_message *call = &program->call;
	struct call_client client = { .socket = program->socket };
	int64_t until =
		call->deadline < wait_until ? call->deadline : wait_until;

	run->end.step = call_client_start(&client, arena, call, until);
	if (run->end.step) {
		run->end.ending = SUPERVISE_AWAY;
		/* The pool may have accepted the call too late. */
		run->end.may_still_run = clock_now() >= until;
		return false;
	}
	run->connection = client.connection;
	memcpy(run->ends, client.descriptors, sizeof run->ends);
	return true;
}

/* ---- input and output ---- */

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* A program may close its standard input early. */
static void write_program_input(struct supervised_run *run)
{
	const struct supervise_program *program = run->program;
	ssize_t took = 0;

	if (run->ends[CALL_INPUT] < 0)
		return;
	if (run->written < program->input_length)
		took = write(run->ends[CALL_INPUT],
			     program->input + run->written,
			     program->input_length - run->written);
	if (took > 0)
		run->written += (size_t)took;
	if (run->written == program->input_length
	    || (took < 0 && !would_block()))
		close_end(&run->ends[CALL_INPUT]);
}

/* At the end of what this process sends, the supervisor ends the program. */
static void abandon_run(struct supervised_run *run,
			enum supervise_ending ending)
{
	run->end.ending = ending;
	run->is_decided = true;
	shutdown(run->connection, SHUT_WR);
}

/* Return true if there may be more to read. */
static bool read_program_output(struct supervised_run *run)
{
	size_t limit = run->program->output_limit;
	size_t room = limit + 1 - run->end.output_length;
	ssize_t got;

	if (run->ends[CALL_OUTPUT] < 0)
		return false;
	got = read(run->ends[CALL_OUTPUT], run->output + run->end.output_length,
		   room);
	if (got > 0)
		run->end.output_length += (size_t)got;
	if (run->end.output_length > limit) {
		abandon_run(run, SUPERVISE_TOO_MUCH);
		run->end.output_length = 0;
		close_end(&run->ends[CALL_OUTPUT]);
	} else if (got == 0 || (got < 0 && !would_block())) {
		close_end(&run->ends[CALL_OUTPUT]);
	}
	return got > 0;
}

static bool read_program_errors(struct supervised_run *run)
{
	char bytes[CHUNK];
	ssize_t got;

	if (run->ends[CALL_ERRORS] < 0)
		return false;
	got = read(run->ends[CALL_ERRORS], bytes, sizeof bytes);
	if (got > 0)
		run->program->take_errors(run->program->context, bytes,
					  (size_t)got);
	else if (got == 0 || !would_block())
		close_end(&run->ends[CALL_ERRORS]);
	explicit_bzero(bytes, sizeof bytes);
	return got > 0;
}

/* ---- reports of the supervisor ---- */

/* End a supervisor whose reports cannot be believed.  The pool ends the
 * processes of one that was killed.  Then it closes the connection, on which it
 * sends nothing. */
static void await_orphans(struct supervised_run *run)
{
	struct pollfd end = { .fd = run->connection, .events = POLLIN };
	int64_t until = clock_now() + KILL_PATIENCE, left;

	shutdown(run->connection, SHUT_WR);
	while ((left = until - clock_now()) > 0 && poll(&end, 1, (int)left) < 0
	       && errno == EINTR)
		;
	run->end.may_still_run = end.revents == 0;
	if (!run->is_decided)
		run->end.ending = SUPERVISE_LOST;
}

static void take_end_report(struct supervised_run *run,
			    const struct supervisor_report *report)
{
	struct supervise_end *end = &run->end;

	run->has_ended = true;
	end->may_still_run = report->has_leftovers;
	if (run->is_decided)
		return;
	run->is_decided = true;
	end->ending = report->news == SUPERVISOR_LATE ? SUPERVISE_LATE
		: WIFEXITED(report->value)            ? SUPERVISE_EXITED
						      : SUPERVISE_KILLED;
	end->status = WIFEXITED(report->value) ? WEXITSTATUS(report->value)
					       : WTERMSIG(report->value);
}

static void read_report(struct supervised_run *run)
{
	static const char *const steps[] = {
		[SUPERVISOR_FORK] = "cannot be started",
		[SUPERVISOR_FOLDER] = "its folder cannot be entered",
		[SUPERVISOR_EXEC] = "cannot be run",
	};
	struct supervisor_report report;
	char bytes[sizeof report];
	ssize_t got = read(run->ends[CALL_REPORT], bytes, sizeof bytes);

	if (got < 0 && would_block())
		return;
	if (got < 0 || !supervisor_report_read(bytes, (size_t)got, &report)) {
		close_end(&run->ends[CALL_REPORT]);
		run->has_ended = true;
		if (run->end.ending != SUPERVISE_NOT_RUN)
			await_orphans(run);
	} else if (report.news == SUPERVISOR_NOT_RUN) {
		run->end.ending = SUPERVISE_NOT_RUN;
		run->end.status = report.value;
		run->end.step = steps[report.step];
		run->is_decided = true;
	} else {
		take_end_report(run, &report);
	}
}

/* ---- waiting ---- */

static void wait_for_any(const struct supervised_run *run, int64_t until)
{
	struct pollfd waiting[] = {
		{ .fd = run->ends[CALL_INPUT], .events = POLLOUT },
		{ .fd = run->ends[CALL_OUTPUT], .events = POLLIN },
		{ .fd = run->ends[CALL_ERRORS], .events = POLLIN },
		{ .fd = run->ends[CALL_REPORT], .events = POLLIN },
	};
	int64_t left = until - clock_now();

	poll(waiting, 4, left > INT32_MAX ? INT32_MAX : (int)left);
}

static void serve_run(struct supervised_run *run, int64_t wait_until)
{
	bool has_more = true;

	while (!run->has_ended && clock_now() < wait_until) {
		wait_for_any(run, wait_until);
		write_program_input(run);
		read_program_output(run);
		read_program_errors(run);
		read_report(run);
	}
	if (!run->has_ended) {
		abandon_run(run, SUPERVISE_LATE);
		run->end.may_still_run = true;
	}
	/* Read what the program wrote before it ended, but not forever:
	 * processes that it left behind may still write. */
	for (int i = 0; has_more && i < FULL_PIPE; i++) {
		has_more = read_program_output(run);
		has_more = read_program_errors(run) || has_more;
	}
}

struct supervise_end supervise(const struct supervise_program *program,
			       struct arena *arena, int64_t wait_until)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct supervised_run run = {
		.program = program,
		.output = arena_alloc(arena, program->output_limit + 2),
	};

	sigaction(SIGPIPE, &ignore, &before);
	if (start_run(&run, arena, wait_until)) {
		serve_run(&run, wait_until);
		for (int i = 0; i < CALL_DESCRIPTORS; i++)
			close_end(&run.ends[i]);
		close_end(&run.connection);
	}
	sigaction(SIGPIPE, &before, NULL);
	run.output[run.end.output_length] = '\0';
	run.end.output = run.output;
	return run.end;
}
