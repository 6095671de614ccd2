#include "cgi/web/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	LISTENER = 0,        /* the descriptor of the socket */
	MAX_WAIT = 1000,     /* ms */
	RECEIVE_LIMIT = 2000 /* ms from the accept to the end of the body */
};

struct gateway {
	bool is_cgi;
	bool is_used;    /* plain CGI: the one request has been served */
	bool should_end; /* SIGTERM or SIGUSR1 has arrived */
	int epoll;       /* waits for the two below */
	int end_signals; /* readable if this process is to end */
	FCGX_Request fcgi;
	void (*idle)(void *context); /* or NULL */
	void *context;
};

/* ---- the time to receive a request ---- */

/* The request that is being received. */
static struct {
	volatile sig_atomic_t connection; /* -1: there is none */
	volatile int64_t limit;           /* of clock_now() */
	volatile sig_atomic_t is_timed;   /* the timer is running */
	timer_t timer;
} receiving = { .connection = -1 };

static void start_timer(int64_t milliseconds)
{
	const struct itimerspec time = {
		.it_value = { .tv_sec = milliseconds / 1000,
			      .tv_nsec = milliseconds % 1000 * 1000000L },
	};

	receiving.is_timed = 1;
	timer_settime(receiving.timer, 0, &time, NULL);
}

/* libfcgi blocks in read().  Shutting down the connection ends that read() at
 * once, as if the input had ended. */
static void handle_timer(int signal)
{
	int64_t left = receiving.limit - clock_now();

	(void)signal;
	receiving.is_timed = 0;
	if (receiving.connection >= 0 && left <= 0)
		shutdown(receiving.connection, SHUT_RDWR);
	else if (receiving.connection >= 0)
		start_timer(left);
}

/* A timer may still be running for an earlier request.  It then starts again
 * for this one, so that a busy worker does not set one for each request. */
static void start_receive_limit(int connection)
{
	receiving.limit = clock_now() + RECEIVE_LIMIT;
	receiving.connection = connection;
	if (!receiving.is_timed)
		start_timer(RECEIVE_LIMIT);
}

static void stop_receive_limit(void)
{
	receiving.connection = -1;
}

/* With SA_RESTART, a timer of an earlier request does not end a read(). */
static bool prepare_timer(void)
{
	const struct sigaction action = {
		.sa_handler = handle_timer,
		.sa_flags = SA_RESTART,
	};

	if (sigaction(SIGALRM, &action, NULL) == 0
	    && timer_create(CLOCK_MONOTONIC, NULL, &receiving.timer) == 0)
		return true;
	log_error("cannot limit the time of requests: %s", strerror(errno));
	return false;
}

/* ---- opening ---- */

/*
 * libfcgi's own wait can spin forever if a signal arrives at the wrong moment,
 * and it loses requests.  We therefore wait ourselves, and block the signals
 * for good.  A descriptor tells when one is pending.
 */
static int block_end_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool wait_for(struct gateway *gateway, int descriptor, uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data = { .fd = descriptor },
	};

	return epoll_ctl(gateway->epoll, EPOLL_CTL_ADD, descriptor, &event)
		== 0;
}

/* With EPOLLEXCLUSIVE a request wakes one worker of the pool instead of all. */
static bool prepare_wait(struct gateway *gateway)
{
	int flags = fcntl(LISTENER, F_GETFL);

	gateway->end_signals = block_end_signals();
	gateway->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (flags >= 0 && gateway->end_signals >= 0 && gateway->epoll >= 0
	    && fcntl(LISTENER, F_SETFL, flags | O_NONBLOCK) == 0
	    && wait_for(gateway, LISTENER, EPOLLIN | EPOLLEXCLUSIVE)
	    && wait_for(gateway, gateway->end_signals, EPOLLIN))
		return true;
	log_error("cannot wait on the listening socket: %s", strerror(errno));
	return false;
}

/* libfcgi gets no listening socket, because it accepts connections only here
 * (accept_connection()). */
static bool prepare_library(struct gateway *gateway)
{
	if (FCGX_Init() == 0
	    && FCGX_InitRequest(&gateway->fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR)
		    == 0)
		return true;
	log_error("libfcgi cannot be initialized");
	return false;
}

static bool is_listening(void)
{
	int yes = 0;
	socklen_t size = sizeof yes;

	return getsockopt(LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0
		&& yes;
}

struct gateway *gateway_open(void)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	if (!gateway)
		abort();
	gateway->epoll = gateway->end_signals = -1;
	gateway->is_cgi = !is_listening();
	if (gateway->is_cgi)
		return gateway;
	if (prepare_wait(gateway) && prepare_timer()
	    && prepare_library(gateway))
		return gateway;
	gateway_close(gateway);
	return NULL;
}

void gateway_close(struct gateway *gateway)
{
	if (gateway->epoll >= 0)
		close(gateway->epoll);
	if (gateway->end_signals >= 0)
		close(gateway->end_signals);
	free(gateway);
}

/* ---- one request after another ---- */

void gateway_when_idle(struct gateway *gateway, void (*idle)(void *context),
		       void *context)
{
	gateway->idle = idle;
	gateway->context = context;
}

/* Return true if a connection has come.  Wait for a limited time, because the
 * only worker that it has woken may be killed before it accepts it. */
static bool wait_for_connection(struct gateway *gateway)
{
	struct epoll_event events[2];
	int ready = epoll_wait(gateway->epoll, events, COUNT(events), MAX_WAIT);
	bool is_there = false;

	if (ready == 0 && gateway->idle)
		gateway->idle(gateway->context);
	for (int i = 0; i < ready; i++)
		if (events[i].data.fd == LISTENER)
			is_there = true;
		else
			gateway->should_end = true;
	return is_there;
}

/* Return a connection, or -1 if another worker took it. */
static int accept_connection(void)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int connection = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);

	/* An error such as a lack of descriptors must not cause a busy loop. */
	if (connection < 0 && errno != EAGAIN)
		nanosleep(&pause, NULL);
	return connection;
}

/*
 * Have libfcgi read the parameters of a request, and return false if there is
 * none.  We accept the connection, because libfcgi would close it if a signal
 * arrived while it waits for the first byte.  It takes the connection for one
 * that was kept after an earlier request.
 */
static bool receive_parameters(struct gateway *gateway, int connection)
{
	gateway->fcgi.ipcFd = connection;
	gateway->fcgi.keepConnection = 1;
	start_receive_limit(connection);
	if (FCGX_Accept_r(&gateway->fcgi) == 0)
		return true;
	stop_receive_limit(); /* libfcgi has closed the connection */
	return false;
}

/* A request that comes together with a signal is served, because it has woken
 * no other worker. */
static bool accept_request(struct gateway *gateway)
{
	while (!gateway->should_end) {
		int connection =
			wait_for_connection(gateway) ? accept_connection() : -1;

		if (connection >= 0 && receive_parameters(gateway, connection))
			return true;
	}
	return false;
}

bool gateway_next(struct gateway *gateway)
{
	bool was_used = gateway->is_used;

	gateway->is_used = true;
	return gateway->is_cgi ? !was_used : accept_request(gateway);
}

/* Do the same as FCGX_GetParam(), and compare a name only if it begins with the
 * same letters. */
static const char *find_parameter(char *const *parameters, const char *name)
{
	size_t length = strlen(name);

	for (; *parameters; parameters++)
		if ((*parameters)[0] == name[0]
		    && strncmp(*parameters, name, length) == 0
		    && (*parameters)[length] == '=')
			return *parameters + length + 1;
	return NULL;
}

const char *gateway_parameter(struct gateway *gateway, const char *name)
{
	const char *value = gateway->is_cgi
		? getenv(name)
		: find_parameter(gateway->fcgi.envp, name);

	return value && *value ? value : NULL;
}

static size_t read_stdin(char *bytes, size_t size)
{
	ssize_t count;

	do
		count = read(STDIN_FILENO, bytes, size);
	while (count < 0 && errno == EINTR);
	return count > 0 ? (size_t)count : 0;
}

size_t gateway_read(struct gateway *gateway, char *bytes, size_t size)
{
	int count;

	if (gateway->is_cgi)
		return read_stdin(bytes, size);
	count = FCGX_GetStr(bytes, (int)size, gateway->fcgi.in);
	return count > 0 ? (size_t)count : 0;
}

void gateway_end_body(struct gateway *gateway)
{
	if (!gateway->is_cgi)
		stop_receive_limit();
}

bool gateway_is_cgi(const struct gateway *gateway)
{
	return gateway->is_cgi;
}

bool gateway_has_hung_up(const struct gateway *gateway)
{
	struct pollfd peer = { .fd = gateway->fcgi.ipcFd };

	return !gateway->is_cgi && poll(&peer, 1, 0) > 0
		&& (peer.revents & POLLHUP);
}

void gateway_write(struct gateway *gateway, const char *text)
{
	if (gateway->is_cgi)
		fputs(text, stdout);
	else
		FCGX_PutS(text, gateway->fcgi.out);
}

void gateway_finish(struct gateway *gateway)
{
	if (gateway->is_cgi) {
		fflush(stdout);
		return;
	}
	/* Close the connection, also if the web server wants to keep it.  The
	 * whole request has been read, so closing at once loses nothing, and
	 * libfcgi need not wait for the web server to close it first. */
	gateway->fcgi.keepConnection = 0;
	FCGX_Detach(&gateway->fcgi);
	FCGX_Finish_r(&gateway->fcgi);
}
