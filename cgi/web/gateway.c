#include "cgi/web/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "lib/base/log.h"

enum {
	LISTENER = 0,     /* the descriptor of the socket */
	MAX_WAIT = 1000,  /* ms */
	RECEIVE_LIMIT = 5 /* seconds from the accept to the end of the body */
};

struct gateway {
	bool is_cgi;
	bool is_used; /* plain CGI: the one request has been served */
	int epoll;
	sigset_t wait_mask; /* the signal mask while waiting */
	FCGX_Request fcgi;
};

/* ---- opening ---- */

static volatile sig_atomic_t should_end;

static void handle_end_signal(int signal)
{
	(void)signal;
	should_end = 1;
}

/* The request that is being received, or NULL. */
static FCGX_Request *volatile receiving;

/* libfcgi blocks in read().  Shutting down the connection ends that read() at
 * once, as if the input had ended. */
static void handle_receive_limit(int signal)
{
	(void)signal;
	if (receiving && receiving->ipcFd >= 0)
		shutdown(receiving->ipcFd, SHUT_RDWR);
}

/*
 * libfcgi's own wait can spin forever if a signal arrives at the wrong moment,
 * and it loses requests.  We therefore wait ourselves, and block the signals at
 * all other times, so that libfcgi never receives one.  Our handlers are
 * installed first, because libfcgi installs its own only where none is set.
 */
static void prepare_signals(struct gateway *gateway)
{
	struct sigaction end = { .sa_handler = handle_end_signal };
	struct sigaction limit = { .sa_handler = handle_receive_limit };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGUSR1, &end, NULL);
	sigaction(SIGALRM, &limit, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &gateway->wait_mask);
	sigdelset(&gateway->wait_mask, SIGTERM);
	sigdelset(&gateway->wait_mask, SIGUSR1);
}

/* With EPOLLEXCLUSIVE a request wakes one worker of the pool instead of all. */
static bool prepare_listener(struct gateway *gateway)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int flags = fcntl(LISTENER, F_GETFL);

	gateway->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (flags >= 0 && gateway->epoll >= 0
	    && fcntl(LISTENER, F_SETFL, flags | O_NONBLOCK) == 0
	    && epoll_ctl(gateway->epoll, EPOLL_CTL_ADD, LISTENER, &event) == 0)
		return true;
	log_error("cannot wait on the listening socket: %s", strerror(errno));
	return false;
}

static bool prepare_library(struct gateway *gateway)
{
	if (FCGX_Init() == 0
	    && FCGX_InitRequest(&gateway->fcgi, LISTENER,
				FCGI_FAIL_ACCEPT_ON_INTR)
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
	gateway->epoll = -1;
	gateway->is_cgi = !is_listening();
	if (gateway->is_cgi)
		return gateway;
	prepare_signals(gateway);
	if (prepare_listener(gateway) && prepare_library(gateway))
		return gateway;
	gateway_close(gateway);
	return NULL;
}

void gateway_close(struct gateway *gateway)
{
	if (gateway->epoll >= 0)
		close(gateway->epoll);
	free(gateway);
}

/* ---- one request after another ---- */

/* Under load epoll_pwait() returns a request before it delivers a signal, so
 * pending signals count too. */
static bool is_end_requested(void)
{
	sigset_t pending;

	sigpending(&pending);
	return should_end || sigismember(&pending, SIGTERM) == 1
		|| sigismember(&pending, SIGUSR1) == 1;
}

/* Repeat the limit, because libfcgi accepts another connection if one ends
 * before its request is complete. */
static void start_receive_limit(struct gateway *gateway)
{
	static const struct itimerval limit = {
		.it_interval = { .tv_sec = RECEIVE_LIMIT },
		.it_value = { .tv_sec = RECEIVE_LIMIT },
	};

	receiving = &gateway->fcgi;
	setitimer(ITIMER_REAL, &limit, NULL);
}

static void stop_receive_limit(void)
{
	static const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	receiving = NULL;
}

static bool accept_request(struct gateway *gateway)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	struct epoll_event event;

	while (!is_end_requested()) {
		int result;

		/* Wait for a limited time: the only worker that a request has
		 * woken may be killed before it accepts the request. */
		if (epoll_pwait(gateway->epoll, &event, 1, MAX_WAIT,
				&gateway->wait_mask)
		    <= 0)
			continue; /* a signal, or no request */
		start_receive_limit(gateway);
		result = FCGX_Accept_r(&gateway->fcgi);
		if (result == 0)
			return true;
		stop_receive_limit();
		/* -EAGAIN: another worker was faster.  Other errors, such as
		 * a lack of descriptors, must not cause a busy loop. */
		if (result != -EAGAIN)
			nanosleep(&pause, NULL);
	}
	return false;
}

bool gateway_next(struct gateway *gateway)
{
	bool was_used = gateway->is_used;

	gateway->is_used = true;
	return gateway->is_cgi ? !was_used : accept_request(gateway);
}

const char *gateway_parameter(struct gateway *gateway, const char *name)
{
	const char *value = gateway->is_cgi
		? getenv(name)
		: FCGX_GetParam(name, gateway->fcgi.envp);

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
	if (gateway->is_cgi)
		fflush(stdout);
	else
		FCGX_Finish_r(&gateway->fcgi);
}
