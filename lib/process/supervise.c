#include "lib/process/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/process/supervisor.h"

enum {
	CHUNK = 4096,
	FULL_PIPE = 17,       /* chunks in a full pipe, and one more */
	KILL_PATIENCE = 1000, /* ms */
	KILL_AGAIN = 5
};

/* The pipes, named by what they carry. */
enum { INPUT, OUTPUT, ERRORS, LIFELINE, REPORT, PIPES };

struct supervised_run {
	const struct supervise_program *program;
	struct supervise_end end;
	int ours[PIPES]; /* -1: closed */
	int theirs[PIPES];
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

/* Move a descriptor above 0, 1 and 2, which the program gets. */
static bool move_high(int *end)
{
	int high;

	if (*end > STDERR_FILENO)
		return true;
	high = fcntl(*end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(*end);
	*end = high;
	return high >= 0;
}

static bool open_pipe(struct supervised_run *run, int which)
{
	bool we_write = which == INPUT || which == LIFELINE;
	int ends[2] = { -1, -1 };
	bool done = pipe2(ends, O_CLOEXEC) == 0 && move_high(&ends[0])
		&& move_high(&ends[1]);

	run->ours[which] = ends[we_write ? 1 : 0];
	run->theirs[which] = ends[we_write ? 0 : 1];
	return done && fcntl(run->ours[which], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_pipes(struct supervised_run *run)
{
	bool done = true;

	for (int i = 0; i < PIPES; i++)
		run->ours[i] = run->theirs[i] = -1;
	for (int i = 0; done && i < PIPES; i++)
		done = open_pipe(run, i);
	return done;
}

/*
 * Let the kernel reap supervisors, because their reports contain all results.
 */
static void prepare_children(void)
{
	static const struct sigaction unwaited = {
		.sa_handler = SIG_DFL,
		.sa_flags = SA_NOCLDWAIT,
	};

	sigaction(SIGCHLD, &unwaited, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static bool start_supervisor(struct supervised_run *run)
{
	const struct supervise_program *program = run->program;
	bool done = open_pipes(run);
	pid_t pid = -1;

	prepare_children();
	if (done)
		pid = fork();
	if (pid == 0)
		supervisor_run(&(struct supervisor){
			.path = program->path,
			.arguments = program->arguments,
			.environment = program->environment,
			.folder = program->folder,
			.user = program->user,
			.deadline = program->deadline,
			.grace = program->grace,
			.standard = { run->theirs[INPUT], run->theirs[OUTPUT],
				      run->theirs[ERRORS] },
			.lifeline = run->theirs[LIFELINE],
			.report = run->theirs[REPORT],
		});
	if (pid < 0) {
		run->end.ending = SUPERVISE_NOT_RUN;
		run->end.status = errno;
		run->end.step = "cannot be started";
	}
	for (int i = 0; i < PIPES; i++)
		close_end(&run->theirs[i]);
	return pid > 0;
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

	if (run->ours[INPUT] < 0)
		return;
	if (run->written < program->input_length)
		took = write(run->ours[INPUT], program->input + run->written,
			     program->input_length - run->written);
	if (took > 0)
		run->written += (size_t)took;
	if (run->written == program->input_length
	    || (took < 0 && !would_block()))
		close_end(&run->ours[INPUT]);
}

/* A closed lifeline makes the supervisor end the program. */
static void abandon_run(struct supervised_run *run,
			enum supervise_ending ending)
{
	run->end.ending = ending;
	run->is_decided = true;
	close_end(&run->ours[LIFELINE]);
}

/* Return true if there may be more to read. */
static bool read_program_output(struct supervised_run *run)
{
	size_t limit = run->program->output_limit;
	size_t room = limit + 1 - run->end.output_length;
	ssize_t got;

	if (run->ours[OUTPUT] < 0)
		return false;
	got = read(run->ours[OUTPUT], run->output + run->end.output_length,
		   room);
	if (got > 0)
		run->end.output_length += (size_t)got;
	if (run->end.output_length > limit) {
		abandon_run(run, SUPERVISE_TOO_MUCH);
		run->end.output_length = 0;
		close_end(&run->ours[OUTPUT]);
	} else if (got == 0 || (got < 0 && !would_block())) {
		close_end(&run->ours[OUTPUT]);
	}
	return got > 0;
}

static bool read_program_errors(struct supervised_run *run)
{
	char bytes[CHUNK];
	ssize_t got;

	if (run->ours[ERRORS] < 0)
		return false;
	got = read(run->ours[ERRORS], bytes, sizeof bytes);
	if (got > 0)
		run->program->take_errors(run->program->context, bytes,
					  (size_t)got);
	else if (got == 0 || !would_block())
		close_end(&run->ours[ERRORS]);
	explicit_bzero(bytes, sizeof bytes);
	return got > 0;
}

/* ---- reports of the supervisor ---- */

/* Kill the children of a supervisor that was killed.  They are now children of
 * this process. */
static void end_orphans(struct supervised_run *run)
{
	const struct timespec moment = { .tv_nsec = KILL_AGAIN * 1000000L };
	int64_t limit = clock_now() + KILL_PATIENCE;
	bool are_left = true;

	while (are_left && clock_now() < limit) {
		are_left = supervisor_kill_children();
		if (are_left)
			nanosleep(&moment, NULL);
	}
	run->end.may_still_run = are_left;
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
		[SUPERVISOR_USER] = "cannot be run as the pools' user",
		[SUPERVISOR_FOLDER] = "its folder cannot be entered",
		[SUPERVISOR_EXEC] = "cannot be run",
	};
	struct supervisor_report report;
	ssize_t got = read(run->ours[REPORT], &report, sizeof report);

	if (got < 0 && would_block())
		return;
	if (got != (ssize_t)sizeof report) {
		close_end(&run->ours[REPORT]);
		run->has_ended = true;
		if (run->end.ending != SUPERVISE_NOT_RUN)
			end_orphans(run);
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
		{ .fd = run->ours[INPUT], .events = POLLOUT },
		{ .fd = run->ours[OUTPUT], .events = POLLIN },
		{ .fd = run->ours[ERRORS], .events = POLLIN },
		{ .fd = run->ours[REPORT], .events = POLLIN },
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
	if (start_supervisor(&run))
		serve_run(&run, wait_until);
	for (int i = 0; i < PIPES; i++)
		close_end(&run.ours[i]);
	sigaction(SIGPIPE, &before, NULL);
	run.output[run.end.output_length] = '\0';
	run.end.output = run.output;
	return run.end;
}
