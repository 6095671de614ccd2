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
	FULL_PIPE = 17,       /* chunks, and one more */
	KILL_PATIENCE = 1000, /* ms */
	KILL_AGAIN = 5
};

/* The pipes, by what goes through them. */
enum { INPUT, OUTPUT, ERRORS, LIFELINE, REPORT, PIPES };

struct run {
	const struct supervise_program *program;
	struct supervise_end end;
	int ours[PIPES]; /* -1: closed */
	int theirs[PIPES];
	size_t written;
	char *output;
	bool has_news; /* how it ended, or that it could not be run */
	bool has_ended;
};

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

/* ---- starting ---- */

/* 0, 1 and 2 would be in the way of the program's own. */
static bool is_high(int *end)
{
	int high;

	if (*end > STDERR_FILENO)
		return true;
	high = fcntl(*end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(*end);
	*end = high;
	return high >= 0;
}

static bool open_pipe(struct run *run, int which)
{
	bool we_write = which == INPUT || which == LIFELINE;
	int ends[2] = { -1, -1 };
	bool done = pipe2(ends, O_CLOEXEC) == 0 && is_high(&ends[0])
		&& is_high(&ends[1]);

	run->ours[which] = ends[we_write ? 1 : 0];
	run->theirs[which] = ends[we_write ? 0 : 1];
	return done && fcntl(run->ours[which], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_pipes(struct run *run)
{
	bool done = true;

	for (int i = 0; i < PIPES; i++)
		run->ours[i] = run->theirs[i] = -1;
	for (int i = 0; done && i < PIPES; i++)
		done = open_pipe(run, i);
	return done;
}

/* Nobody waits for a supervisor: its report is all there is to know. */
static void prepare_children(void)
{
	static const struct sigaction unwaited = {
		.sa_handler = SIG_DFL,
		.sa_flags = SA_NOCLDWAIT,
	};

	sigaction(SIGCHLD, &unwaited, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static bool start(struct run *run)
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

/* ---- what goes in and comes out ---- */

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* A program need not read what it is given. */
static void feed(struct run *run)
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
	    || (took < 0 && !would_wait()))
		close_end(&run->ours[INPUT]);
}

/* The supervisor ends it as if we were dead. */
static void give_up(struct run *run, enum supervise_ending ending)
{
	run->end.ending = ending;
	run->has_news = true;
	close_end(&run->ours[LIFELINE]);
}

/* True, when there may be more at once. */
static bool take_output(struct run *run)
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
		give_up(run, SUPERVISE_TOO_MUCH);
		run->end.output_length = 0;
		close_end(&run->ours[OUTPUT]);
	} else if (got == 0 || (got < 0 && !would_wait())) {
		close_end(&run->ours[OUTPUT]);
	}
	return got > 0;
}

static bool take_errors(struct run *run)
{
	char bytes[CHUNK];
	ssize_t got;

	if (run->ours[ERRORS] < 0)
		return false;
	got = read(run->ours[ERRORS], bytes, sizeof bytes);
	if (got > 0)
		run->program->complain(run->program->context, bytes,
				       (size_t)got);
	else if (got == 0 || !would_wait())
		close_end(&run->ours[ERRORS]);
	explicit_bzero(bytes, sizeof bytes);
	return got > 0;
}

/* ---- what the supervisor tells ---- */

/* It was killed.  What it watched over is ours now, and so is its duty. */
static void take_over(struct run *run)
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
	if (!run->has_news)
		run->end.ending = SUPERVISE_LOST;
}

static void hear_of_end(struct run *run, const struct supervisor_report *report)
{
	struct supervise_end *end = &run->end;

	run->has_ended = true;
	end->may_still_run = report->has_leftovers;
	if (run->has_news)
		return;
	run->has_news = true;
	end->ending = report->news == SUPERVISOR_LATE ? SUPERVISE_LATE
		: WIFEXITED(report->value)            ? SUPERVISE_EXITED
						      : SUPERVISE_KILLED;
	end->status = WIFEXITED(report->value) ? WEXITSTATUS(report->value)
					       : WTERMSIG(report->value);
}

static void hear(struct run *run)
{
	static const char *const steps[] = {
		[SUPERVISOR_FORK] = "cannot be started",
		[SUPERVISOR_USER] = "cannot be run as the pools' user",
		[SUPERVISOR_FOLDER] = "its folder cannot be entered",
		[SUPERVISOR_EXEC] = "cannot be run",
	};
	struct supervisor_report report;
	ssize_t got = read(run->ours[REPORT], &report, sizeof report);

	if (got < 0 && would_wait())
		return;
	if (got != (ssize_t)sizeof report) {
		close_end(&run->ours[REPORT]);
		run->has_ended = true;
		if (run->end.ending != SUPERVISE_NOT_RUN)
			take_over(run);
	} else if (report.news == SUPERVISOR_NOT_RUN) {
		run->end.ending = SUPERVISE_NOT_RUN;
		run->end.status = report.value;
		run->end.step = steps[report.step];
		run->has_news = true;
	} else {
		hear_of_end(run, &report);
	}
}

/* ---- waiting ---- */

static void wait_for_any(const struct run *run, int64_t until)
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

static void attend(struct run *run, int64_t wait_until)
{
	bool has_more = true;

	while (!run->has_ended && clock_now() < wait_until) {
		wait_for_any(run, wait_until);
		feed(run);
		take_output(run);
		take_errors(run);
		hear(run);
	}
	if (!run->has_ended) {
		give_up(run, SUPERVISE_LATE);
		run->end.may_still_run = true;
	}
	/* What it wrote before its end is there; who else has the pipes open
	 * may write for ever. */
	for (int i = 0; has_more && i < FULL_PIPE; i++) {
		has_more = take_output(run);
		has_more = take_errors(run) || has_more;
	}
}

struct supervise_end supervise(const struct supervise_program *program,
			       struct arena *arena, int64_t wait_until)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct run run = {
		.program = program,
		.output = arena_alloc(arena, program->output_limit + 2),
	};

	sigaction(SIGPIPE, &ignore, &before);
	if (start(&run))
		attend(&run, wait_until);
	for (int i = 0; i < PIPES; i++)
		close_end(&run.ours[i]);
	sigaction(SIGPIPE, &before, NULL);
	run.output[run.end.output_length] = '\0';
	run.end.output = run.output;
	return run.end;
}
