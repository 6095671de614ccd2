#include "lib/process/call_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/process/call_message.h"
#include "lib/process/children.h"
#include "lib/process/supervisor.h"

enum {
	SUPERVISOR_MARGIN = 2000, /* ms beyond the grace period */
	LOOK_FOR_END = 100        /* ms, if no pidfd can be opened */
};

struct call_process {
	struct arena *arena;
	int connection;
	struct call_message call;
	int clients[CALL_DESCRIPTORS]; /* ends of the pipes */
	int programs[CALL_DESCRIPTORS];
};

/* ---- the call ---- */

/* Return false if the bytes do not arrive by the given time. */
static bool receive_bytes(int connection, void *bytes, size_t length,
			  int64_t until)
{
	char *next = bytes;

	while (length > 0) {
		struct pollfd waiting = { .fd = connection, .events = POLLIN };
		int64_t left = until - clock_now();
		ssize_t got = 0;

		if (left <= 0)
			return false;
		if (poll(&waiting, 1, (int)left) > 0)
			got = recv(connection, next, length, MSG_DONTWAIT);
		if (waiting.revents != 0 && got <= 0)
			return false;
		next += got > 0 ? got : 0;
		length -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool receive_call(struct call_process *process)
{
	int64_t until = clock_now() + CALL_ARRIVAL_LIMIT;
	struct call_header header;
	char *texts;

	if (!receive_bytes(process->connection, &header, sizeof header, until))
		return false;
	if (!call_message_accepts(&header)) {
		log_warning("a call has another version or exceeds a limit: if "
			    "provisor was updated, restart provisor-hooks and "
			    "the pools");
		return false;
	}
	texts = arena_alloc(process->arena, header.length);
	return receive_bytes(process->connection, texts, header.length, until)
		&& call_message_read(process->arena, &header, texts,
				     &process->call);
}

/* The client sends nothing after the call, so anything to read is its end. */
static bool has_client_gone(const struct call_process *process)
{
	struct pollfd end = { .fd = process->connection, .events = POLLIN };

	return poll(&end, 1, 0) > 0;
}

/* ---- pipes ---- */

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

static bool open_pipe(struct call_process *process, int which)
{
	bool client_writes = which == CALL_INPUT;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 || !move_high(&ends[0])
	    || !move_high(&ends[1]))
		return false;
	process->clients[which] = ends[client_writes ? 1 : 0];
	process->programs[which] = ends[client_writes ? 0 : 1];
	return fcntl(process->clients[which], F_SETFL, O_NONBLOCK) == 0;
}

/* The user of this process owns the pipes, so the program can open
 * /dev/stderr. */
static bool open_pipes(struct call_process *process)
{
	for (int i = 0; i < CALL_DESCRIPTORS; i++)
		if (!open_pipe(process, i))
			return false;
	return true;
}

static void close_pipes(const int ends[CALL_DESCRIPTORS])
{
	for (int i = 0; i < CALL_DESCRIPTORS; i++)
		close(ends[i]);
}

/* ---- the reply ---- */

/* The reply has no descriptors if there is an error, or if ends is NULL. */
static bool send_reply(const struct call_process *process, int error,
		       const int *ends)
{
	struct call_reply reply = {
		.version = CALL_VERSION,
		.error = error,
		.user = geteuid(),
	};
	struct iovec bytes = { &reply, sizeof reply };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * CALL_DESCRIPTORS)];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (ends) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control.space;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len =
			CMSG_LEN(sizeof(int) * CALL_DESCRIPTORS);
		memcpy(CMSG_DATA(&control.header), ends,
		       sizeof(int) * CALL_DESCRIPTORS);
	}
	return sendmsg(process->connection, &message, MSG_NOSIGNAL)
		== (ssize_t)sizeof reply;
}

/* ---- the program ---- */

static void report_fork_failure(const struct call_process *process)
{
	const struct supervisor_report report = {
		.news = SUPERVISOR_NOT_RUN,
		.step = SUPERVISOR_FORK,
		.value = errno,
	};
	ssize_t written =
		write(process->programs[CALL_REPORT], &report, sizeof report);

	(void)written; /* the client may have gone */
}

/* Wait for an event until the given time.  Return true if the client has gone.
 * ended is a pidfd or -1. */
static bool wait_for_supervisor(const struct call_process *process, int ended,
				int64_t until, bool has_client)
{
	struct pollfd waiting[] = {
		{ .fd = ended, .events = POLLIN },
		{ .fd = has_client ? process->connection : -1,
		  .events = POLLIN },
	};
	int64_t left = until - clock_now();
	int64_t most = ended < 0 ? LOOK_FOR_END : INT32_MAX;

	poll(waiting, 2, left < 0 ? 0 : left > most ? (int)most : (int)left);
	return waiting[1].revents != 0;
}

/* Wait until the supervisor has ended.  Return false if it does not end the
 * program in time. */
static bool await_supervisor(const struct call_process *process,
			     pid_t supervisor, int ended)
{
	int64_t patience = process->call.grace + SUPERVISOR_MARGIN;
	int64_t limit = process->call.deadline + patience;
	bool has_client = true;

	while (waitpid(supervisor, NULL, WNOHANG) == 0) {
		if (clock_now() >= limit)
			return false;
		if (!wait_for_supervisor(process, ended, limit, has_client))
			continue;
		has_client = false;
		if (limit > clock_now() + patience)
			limit = clock_now() + patience;
	}
	return true;
}

/* A supervisor that is stopped cannot end its program, and the caller may start
 * another attempt soon: kill it, and the program with it. */
static void end_supervisor(const struct call_process *process, pid_t supervisor)
{
	int ended = pidfd_open(supervisor, 0);

	if (!await_supervisor(process, supervisor, ended)) {
		log_warning("a supervisor did not end its program in time, so "
			    "both are killed");
		kill(supervisor, SIGKILL);
		waitpid(supervisor, NULL, 0);
	}
	if (ended >= 0)
		close(ended);
}

static void run_program(const struct call_process *process)
{
	pid_t pid = fork();

	if (pid == 0)
		supervisor_run(&(struct supervisor){
			.call = process->call,
			.standard = { process->programs[CALL_INPUT],
				      process->programs[CALL_OUTPUT],
				      process->programs[CALL_ERRORS] },
			.lifeline = process->connection,
			.report = process->programs[CALL_REPORT],
		});
	if (pid < 0)
		report_fork_failure(process);
	close_pipes(process->clients);
	close_pipes(process->programs);
	if (pid > 0)
		end_supervisor(process, pid);
	children_end();
}

static void carry_out_call(struct call_process *process)
{
	if (!receive_call(process))
		return;
	if (call_message_is_question(&process->call))
		(void)!send_reply(process, 0, NULL);
	else if (clock_now() >= process->call.deadline
		 || has_client_gone(process))
		return;
	else if (!open_pipes(process))
		(void)!send_reply(process, errno, NULL);
	else if (send_reply(process, 0, process->clients))
		run_program(process);
}

/* If the listening socket stayed open here, clients would wait in its queue
 * after the server has ended. */
static void close_listening_socket(void)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nowhere < 0)
		close(STDIN_FILENO);
	else if (nowhere != STDIN_FILENO)
		dup2(nowhere, STDIN_FILENO);
}

/* The server handles these; this process ends with its call. */
static void ignore_end_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

	for (size_t i = 0; i < COUNT(signals); i++)
		signal(signals[i], SIG_IGN);
}

_Noreturn void call_process_run(int connection)
{
	struct call_process process = {
		.arena = arena_create(),
		.connection = connection,
	};

	ignore_end_signals();
	close_listening_socket();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	carry_out_call(&process);
	_exit(EXIT_SUCCESS);
}
