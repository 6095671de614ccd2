#include "lib/process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/process/user.h"

enum { LOOK_AGAIN = 100, NOT_RUN_STATUS = 127 };

/* The program is process and process group in one.  Until the group is killed
 * for the last time it is not reaped: so its id stays its own. */
struct file_watch {
	const struct supervisor *supervisor;
	pid_t program;
	int signals; /* tells of SIGCHLD */
	bool has_reported;
	bool is_late;
};

/* ---- children ---- */

/* Call act for each child of a process, and tell how many times it was true. */
static int for_children(pid_t parent,
			bool (*act)(const struct file_watch *watch,
				    pid_t child),
			const struct file_watch *watch)
{
	char path[64];
	FILE *list;
	int count = 0, child;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent,
		 (int)parent);
	list = fopen(path, "re");
	while (list && fscanf(list, "%d", &child) == 1)
		count += act(watch, child);
	if (list)
		fclose(list);
	return count;
}

static bool kill_child(const struct file_watch *watch, pid_t child)
{
	(void)watch;
	return kill(child, SIGKILL) == 0;
}

bool supervisor_kill_children(void)
{
	return for_children(getpid(), kill_child, NULL) > 0;
}

/* Those in the group are told with it.  Children first: who is told may end. */
static bool terminate_stray(const struct file_watch *watch, pid_t child)
{
	for_children(child, terminate_stray, watch);
	return getpgid(child) != watch->program && kill(child, SIGTERM) == 0;
}

static bool is_left(const struct file_watch *watch, pid_t child)
{
	return child != watch->program && waitpid(child, NULL, WNOHANG) == 0;
}

static bool has_leftovers(const struct file_watch *watch)
{
	return for_children(getpid(), is_left, watch) > 0;
}

/* ---- what becomes the program ---- */

static void report(const struct supervisor *s, enum supervisor_news news,
		   enum supervisor_step step, int value, bool leaves)
{
	const struct supervisor_report told = { news, step, value, leaves };
	ssize_t written = write(s->report, &told, sizeof told);

	(void)written; /* who is not there need not know */
}

_Noreturn static void refuse(const struct supervisor *s,
			     enum supervisor_step step)
{
	report(s, SUPERVISOR_NOT_RUN, step, errno, false);
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

/* exec closes all others; until then a failure can be reported. */
static void take_descriptors(const struct supervisor *s)
{
	for (int i = 0; i < 3; i++)
		dup2(s->standard[i], i);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* exec takes them as they are, and changes none. */
static char *const *unchanged(const char *const *texts)
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
	take_descriptors(s);
	umask(S_IRWXG | S_IRWXO);
	if (chdir(s->folder) != 0)
		refuse(s, SUPERVISOR_FOLDER);
	execve(s->path, unchanged(s->arguments), unchanged(s->environment));
	refuse(s, SUPERVISOR_EXEC);
}

/* ---- preparing ---- */

/* What the program must not be able to do, its supervisor need not.  The pipes
 * become the user's too, or it could not open /dev/stderr. */
static bool become_user(const struct supervisor *s)
{
	if (geteuid() != 0 || s->user == 0)
		return true;
	for (int i = 0; i < 3; i++)
		if (fchown(s->standard[i], s->user, (gid_t)-1) != 0)
			return false;
	return user_become(s->user);
}

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

/* What the caller has open is no longer its own alone while we have it: a
 * connection that it closes would stay open. */
static void let_go(const struct supervisor *s)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 3; i++)
		if (nowhere >= 0)
			dup2(nowhere, i);
		else
			close(i);
	close_all_but(s->lifeline, s->report);
}

/* Only SIGKILL ends a supervisor before its time. */
static void stand_firm(void)
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

static pid_t start(const struct supervisor *s)
{
	pid_t self = getpid();
	pid_t program;

	if (!become_user(s))
		refuse(s, SUPERVISOR_USER);
	program = fork();
	if (program == 0)
		become_program(s, self);
	if (program < 0)
		refuse(s, SUPERVISOR_FORK);
	setpgid(program, program); /* whoever of us comes first */
	return program;
}

/* ---- watching ---- */

/* True, when the program has ended; it stays as it is. */
static bool has_ended(const struct file_watch *w, int *status)
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

/* Tell once how the program has ended: as soon as it has by itself; where we
 * end it, when nothing of it is left. */
static bool look(struct file_watch *w)
{
	bool is_alone;
	int status;

	if (w->has_reported || !has_ended(w, &status))
		return w->has_reported;
	is_alone = !has_leftovers(w);
	if (w->is_late && !is_alone)
		return false;
	w->has_reported = true;
	report(w->supervisor, w->is_late ? SUPERVISOR_LATE : SUPERVISOR_ENDED,
	       SUPERVISOR_EXEC, status, !is_alone);
	return true;
}

/* Wait for a child's end or until then.  True: the caller is gone. */
static bool nap(const struct file_watch *w, int64_t until, bool has_caller)
{
	struct signalfd_siginfo news;
	struct pollfd waiting[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = has_caller ? w->supervisor->lifeline : -1,
		  .events = POLLIN },
	};
	int64_t left = until - clock_now();
	/* A child that comes to us from another has no signal. */
	int ms = left < 0 ? 0 : left > LOOK_AGAIN ? LOOK_AGAIN : (int)left;

	poll(waiting, 2, ms);
	while (read(w->signals, &news, sizeof news) > 0)
		;
	return waiting[1].revents != 0;
}

static void await_end(struct file_watch *w)
{
	int64_t deadline = w->supervisor->deadline;

	while (!look(w)) {
		bool is_forsaken = nap(w, deadline, true);

		if ((is_forsaken || clock_now() >= deadline) && !look(w)) {
			w->is_late = true;
			return;
		}
	}
}

static void terminate(struct file_watch *w)
{
	int64_t limit = clock_now() + w->supervisor->grace;

	if (w->has_reported && !has_leftovers(w))
		return;
	for_children(getpid(), terminate_stray, w);
	kill(-w->program, SIGTERM);
	while ((!look(w) || has_leftovers(w)) && clock_now() < limit)
		nap(w, limit, false);
}

static void kill_all(struct file_watch *w)
{
	pid_t reaped;

	kill(-w->program, SIGKILL);
	while (!look(w) || has_leftovers(w)) {
		supervisor_kill_children();
		nap(w, INT64_MAX, false);
	}
	/* None is left to see; but is there one? */
	while ((reaped = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (reaped > 0)
			continue;
		supervisor_kill_children();
		nap(w, INT64_MAX, false);
	}
}

_Noreturn void supervisor_run(const struct supervisor *supervisor)
{
	struct file_watch w = { .supervisor = supervisor };

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	stand_firm();
	w.program = start(supervisor);
	let_go(supervisor);
	w.signals = open_signals();
	await_end(&w);
	terminate(&w);
	kill_all(&w);
	_exit(EXIT_SUCCESS);
}
