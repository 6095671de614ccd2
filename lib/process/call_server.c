#include "lib/process/call_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/process/call_process.h"
#include "lib/process/children.h"

enum {
	LOOK_FOR_STRAYS = 5,    /* ms */
	PAUSE_AFTER_ERROR = 100 /* ms */
};

/* The server holds each connection until no process of the call is left, so
 * that the client can wait for that. */
struct server_call {
	pid_t process; /* 0: it was killed */
	int connection;
};

struct call_server {
	int listening;
	int signals; /* a signalfd */
	uid_t owner; /* of the socket */
	struct server_call calls[CALL_SERVER_MOST_CALLS];
	int count;
	bool has_strays; /* descendants of a call process that was killed */
};

/* ---- the socket ---- */

static bool find_call_server_owner(struct call_server *server)
{
	struct sockaddr_un name = { .sun_family = AF_UNSPEC };
	socklen_t length = sizeof name - 1; /* the path stays terminated */
	struct stat status;

	if (getsockname(server->listening, (struct sockaddr *)&name, &length)
		    != 0
	    || name.sun_family != AF_UNIX || name.sun_path[0] != '/') {
		log_error("standard input is not a listening unix socket with "
			  "an absolute path: start this program with systemd "
			  "or spawn-fcgi");
		return false;
	}
	if (lstat(name.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
		log_error("%s: is not the socket that this program serves: "
			  "start the socket again",
			  name.sun_path);
		return false;
	}
	server->owner = status.st_uid;
	return true;
}

static bool may_call(const struct call_server *server, int connection)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length)
	    != 0)
		return false;
	if (peer.uid == 0 || peer.uid == server->owner)
		return true;
	log_warning("refused a call from user %u: only root and the owner of "
		    "the socket, user %u, may call",
		    (unsigned int)peer.uid, (unsigned int)server->owner);
	return false;
}

/* ---- calls ---- */

static void become_call_process(const struct call_server *server,
				int connection)
{
	for (int i = 0; i < server->count; i++)
		close(server->calls[i].connection);
	close(server->signals);
	call_process_run(connection);
}

/* Wait, so that an error that persists does not keep a core busy. */
static void log_call_error(const char *what)
{
	const struct timespec pause = {
		.tv_nsec = PAUSE_AFTER_ERROR * 1000000L,
	};

	log_error("%s (%s)", what, strerror(errno));
	nanosleep(&pause, NULL);
}

static void start_call(struct call_server *server, int connection)
{
	pid_t process = fork();

	if (process == 0)
		become_call_process(server, connection);
	if (process < 0) {
		log_call_error("a call cannot be started");
		close(connection);
		return;
	}
	server->calls[server->count++] =
		(struct server_call){ process, connection };
}

static void accept_call(struct call_server *server)
{
	int connection = accept4(server->listening, NULL, NULL, SOCK_CLOEXEC);

	if (connection >= 0 && may_call(server, connection))
		start_call(server, connection);
	else if (connection >= 0)
		close(connection);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		log_call_error("a call cannot be accepted");
}

static void forget_call(struct call_server *server, int index)
{
	close(server->calls[index].connection);
	server->calls[index] = server->calls[--server->count];
}

/* ---- ends ---- */

static int find_call(const struct call_server *server, pid_t process)
{
	for (int i = 0; i < server->count; i++)
		if (server->calls[i].process == process)
			return i;
	return -1;
}

/* A call process that ends by itself leaves no process. */
static void take_end(struct call_server *server, pid_t process, int status)
{
	int index = find_call(server, process);

	if (index < 0)
		return;
	if (status == 0) {
		forget_call(server, index);
		return;
	}
	log_warning("a call process was killed: its processes are ended");
	server->calls[index].process = 0;
	server->has_strays = true;
}

static bool kill_stray(const void *context, pid_t child)
{
	return find_call(context, child) < 0 && kill(child, SIGKILL) == 0;
}

/* Supervisors and programs of killed call processes are children of this
 * process now.  Their own children follow when they have ended. */
static void end_strays(struct call_server *server)
{
	if (children_each(getpid(), kill_stray, server) > 0)
		return;
	server->has_strays = false;
	for (int i = server->count - 1; i >= 0; i--)
		if (server->calls[i].process == 0)
			forget_call(server, i);
}

/* A call process that is stopped could not end the processes of its call. */
static void reap_processes(struct call_server *server)
{
	pid_t process;
	int status;

	while ((process = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0)
		if (WIFSTOPPED(status))
			kill(process, SIGCONT);
		else
			take_end(server, process, status);
	if (server->has_strays)
		end_strays(server);
}

/* ---- serving ---- */

static int open_server_signals(void)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP,
				       SIGUSR1 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Return true if a signal has arrived that ends the server. */
static bool read_signals(const struct call_server *server)
{
	struct signalfd_siginfo news;
	bool ends = false;

	while (read(server->signals, &news, sizeof news) > 0)
		ends |= news.ssi_signo != SIGCHLD;
	return ends;
}

static void serve_calls(struct call_server *server)
{
	for (;;) {
		bool is_full = server->count == CALL_SERVER_MOST_CALLS;
		struct pollfd waiting[] = {
			{ .fd = server->signals, .events = POLLIN },
			{ .fd = is_full ? -1 : server->listening,
			  .events = POLLIN },
		};

		poll(waiting, 2, server->has_strays ? LOOK_FOR_STRAYS : -1);
		if (read_signals(server))
			return;
		reap_processes(server);
		if (waiting[1].revents != 0)
			accept_call(server);
	}
}

bool call_server_run(int listening)
{
	static struct call_server server;

	server = (struct call_server){
		.listening = listening,
		.signals = open_server_signals(),
	};
	if (server.signals < 0 || !find_call_server_owner(&server)
	    || fcntl(listening, F_SETFL, O_NONBLOCK) != 0)
		return false;
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	serve_calls(&server);
	for (int i = server.count - 1; i >= 0; i--)
		forget_call(&server, i);
	close(server.signals);
	return true;
}
