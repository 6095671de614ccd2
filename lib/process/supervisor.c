#include "lib/process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/process/children.h"

enum {
	LOOK_AGAIN = 100, /* ms */
	NOT_RUN_STATUS = 127
};

/* The program leads its process group.  It is not reaped before the group has
 * been killed for the last time, so no other process gets its id. */
struct supervision {
	const struct supervisor *supervisor;
	pid_t program;
	int signals; /* a signalfd for SIGCHLD */
	bool has_reported;
	bool is_late;
};

/* ---- children ---- */

static bool kill_child(const void *context, pid_t child)
{
	(void)context;
	return kill(child, SIGKILL) == 0;
}

static void kill_children(void)
{
	children_each(getpid(), kill_child, NULL);
}

/* Terminate a process that has left the group.  Its children come first: once
 * it has ended, they cannot be found below it. */
static bool terminate_stray(const void *context, pid_t child)
{
	const struct supervision *w = context;

	children_each(child, terminate_stray, w);
	return getpgid(child) != w->program && kill(child, SIGTERM) == 0;
}

static bool is_leftover(const void *context, pid_t child)
{
	const struct supervision *w = context;

	return child != w->program && waitpid(child, NULL, WNOHANG) == 0;
}

static bool has_leftovers(const struct supervision *w)
{
	return children_each(getpid(), is_leftover, w) > 0;
}

/* ---- the process that becomes the program ---- */

static void send_report(const struct supervisor *s, enum supervisor_news news,
			enum supervisor_step step, int value, bool leaves)
{
	const struct supervisor_report report = { news, step, value, leaves };
	ssize_t written = write(s->report, &report, sizeof report);

	(void)written; /* the caller may have gone */
}

_Noreturn static void fail_to_run(const struct supervisor *s,
				  enum supervisor_step step)
{
	send_report(s, SUPERVISOR_NOT_RUN, step, errno, false);
	_exit(NOT_RUN_STATUS);
}

static void reset_signals(void)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &by_default, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Other descriptors stay open until exec, so that a failure can be reported. */
static void set_descriptors(const struct supervisor *s)
{
	for (int i = 0; i < 3; i++)
		dup2(s->standard[i], i);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/*
 * execve() does not change its arguments, although its type would allow this.
 */
static char *const *drop_const(const char *const *texts)
{
	union {
		const char *const *in;
		char *const *out;
	} same = { .in = texts };

	return same.out;
}

_Noreturn static void become_program(const struct supervisor *s, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_RUN_STATUS);
	setpgid(0, 0);
	reset_signals();
	set_descriptors(s);
	umask(S_IRWXG | S_IRWXO);
	if (chdir(s->call.folder) != 0)
		fail_to_run(s, SUPERVISOR_FOLDER);
	execve(s->call.path, drop_const(s->call.arguments),
	       drop_const(s->call.environment));
	fail_to_run(s, SUPERVISOR_EXEC);
}

/* ---- preparation ---- */

static void close_all_but(int one, int other)
{
	unsigned int low = (unsigned int)(one < other ? one : other);
	unsigned int high = (unsigned int)(one < other ? other : one);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

/* Close the caller's descriptors.  Otherwise a connection would stay open after
 * the caller has closed it. */
static void close_inherited(const struct supervisor *s)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 3; i++)
		if (nowhere >= 0)
			dup2(nowhere, i);
		else
			close(i);
	close_all_but(s->lifeline, s->report);
}

/* Only SIGKILL can end a supervisor early. */
static void ignore_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM };
	sigset_t children;

	reset_signals();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_IGN);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
}

static int open_signals(void)
{
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

static pid_t start_program(const struct supervisor *s)
{
	pid_t self = getpid();
	pid_t program = fork();

	if (program == 0)
		become_program(s, self);
	if (program < 0)
		fail_to_run(s, SUPERVISOR_FORK);
	setpgid(program, program); /* the child does the same */
	return program;
}

/* ---- supervision ---- */

/* Return true if the program has ended.  Do not reap it. */
static bool has_program_ended(const struct supervision *w, int *status)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)w->program, &info, WEXITED | WNOHANG | WNOWAIT)
		    != 0
	    || info.si_pid == 0)
		return false;
	*status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0)
					     : info.si_status;
	return true;
}

/*
 * Report once how the program has ended.  If it ended by itself, report at
 * once.  If the supervisor ended it, report when none of its processes is left.
 * Return true if the report has been sent.
 */
static bool report_end(struct supervision *w)
{
	bool is_alone;
	int status;

	if (w->has_reported || !has_program_ended(w, &status))
		return w->has_reported;
	is_alone = !has_leftovers(w);
	if (w->is_late && !is_alone)
		return false;
	w->has_reported = true;
	send_report(w->supervisor,
		    w->is_late ? SUPERVISOR_LATE : SUPERVISOR_ENDED,
		    SUPERVISOR_EXEC, status, !is_alone);
	return true;
}

/* Wait for a child to end, at most until the given time.  Return true if the
 * caller has gone. */
static bool wait_for_child(const struct supervision *w, int64_t until,
			   bool has_caller)
{
	struct signalfd_siginfo news;
	struct pollfd waiting[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = has_caller ? w->supervisor->lifeline : -1,
		  .events = POLLIN },
	};
	int64_t left = until - clock_now();
	/* There is no signal when an orphan becomes our child. */
	int ms = left < 0 ? 0 : left > LOOK_AGAIN ? LOOK_AGAIN : (int)left;

	poll(waiting, 2, ms);
	while (read(w->signals, &news, sizeof news) > 0)
		;
	return waiting[1].revents != 0;
}

static void await_program_end(struct supervision *w)
{
	int64_t deadline = w->supervisor->call.deadline;

	while (!report_end(w)) {
		bool is_abandoned = wait_for_child(w, deadline, true);

		if ((is_abandoned || clock_now() >= deadline)
		    && !report_end(w)) {
			w->is_late = true;
			return;
		}
	}
}

static void terminate_all(struct supervision *w)
{
	int64_t limit = clock_now() + w->supervisor->call.grace;

	if (w->has_reported && !has_leftovers(w))
		return;
	children_each(getpid(), terminate_stray, w);
	kill(-w->program, SIGTERM);
	while ((!report_end(w) || has_leftovers(w)) && clock_now() < limit)
		wait_for_child(w, limit, false);
}

static void kill_all(struct supervision *w)
{
	pid_t reaped;

	kill(-w->program, SIGKILL);
	while (!report_end(w) || has_leftovers(w)) {
		kill_children();
		wait_for_child(w, INT64_MAX, false);
	}
	/* /proc shows no child; let waitpid() confirm that there is none. */
	while ((reaped = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (reaped > 0)
			continue;
		kill_children();
		wait_for_child(w, INT64_MAX, false);
	}
}

_Noreturn void supervisor_run(const struct supervisor *supervisor)
{
	struct supervision w = { .supervisor = supervisor };

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ignore_signals();
	w.program = start_program(supervisor);
	close_inherited(supervisor);
	w.signals = open_signals();
	await_program_end(&w);
	terminate_all(&w);
	kill_all(&w);
	_exit(EXIT_SUCCESS);
}
