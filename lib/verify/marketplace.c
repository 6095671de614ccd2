#include "lib/verify/marketplace.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/name_map.h"
#include "lib/text/json.h"
#include "lib/text/url.h"
#include "lib/verify/marketplace_calls.h"
#include "lib/verify/marketplace_server.h"

enum { BACKLOG = 64, ABOUT_RESOURCES = 64 };

struct marketplace {
	struct arena *arena;
	pid_t server;
	int reports;
	struct name_map *records; /* by key */
};

/* ---- the socket ---- */

static int listen_at(const struct addrinfo *address)
{
	const int yes = 1;
	int listening =
		socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listening < 0)
		return -1;
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listening, address->ai_addr, address->ai_addrlen) == 0
	    && listen(listening, BACKLOG) == 0)
		return listening;
	close(listening);
	return -1;
}

/* Return -1 with the reason in errno. */
static int listen_at_name(const char *host, const char *port, int family)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = host ? 0 : AI_PASSIVE,
	};
	struct addrinfo *found;
	int listening;

	if (getaddrinfo(host, port, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	listening = listen_at(found);
	freeaddrinfo(found);
	return listening;
}

/* The address of a name may be that of a router in front of this host: then
 * listen at all addresses. */
static int listen_for(struct arena *arena, const char *text)
{
	const struct url url = url_read(arena, text, URL_OR_HTTP | URL_BARE);
	const char *host = url.host;
	int listening;

	if (*host == '[')
		host = arena_strndup(arena, host + 1, strlen(host) - 2);
	listening = listen_at_name(host, url.port, AF_INET);
	if (listening < 0 && errno == EADDRNOTAVAIL)
		listening = listen_at_name(host, url.port, AF_INET6);
	if (listening < 0 && errno == EADDRNOTAVAIL)
		listening = listen_at_name(NULL, url.port, AF_INET);
	return listening;
}

/* ---- the process ---- */

/* Signals to the whole process group are for the caller, which may still need
 * this process to end its work. */
_Noreturn static void become_server(const struct marketplace_place *place,
				    int listening, int reports, pid_t parent)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };

	for (size_t i = 0; i < COUNT(signals); i++)
		signal(signals[i], SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	marketplace_server_run(place, listening, reports);
}

/* Set *reports.  Return the id of the process, or -1. */
static pid_t start_server(const struct marketplace_place *place, int listening,
			  int *reports)
{
	int ends[2];
	pid_t self = getpid(), server;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	server = fork();
	if (server == 0) {
		close(ends[0]);
		become_server(place, listening, ends[1], self);
	}
	close(ends[1]);
	*reports = ends[0];
	return server;
}

/* Return NULL if the server is ready. */
static const char *await_start(struct arena *arena, int reports)
{
	char text[128];
	ssize_t length = recv(reports, text, sizeof text - 1, 0);

	if (length <= 0)
		return "its process ended";
	text[length] = '\0';
	return *text ? arena_strdup(arena, text) : NULL;
}

struct marketplace *marketplace_open(struct arena *arena,
				     const struct marketplace_place *place,
				     const char **why)
{
	struct marketplace *m = arena_alloc(arena, sizeof *m);
	int listening = listen_for(arena, place->url);

	*m = (struct marketplace){ .arena = arena, .reports = -1 };
	if (listening < 0) {
		*why = strerror(errno);
		return NULL;
	}
	m->records = name_map_create(arena, ABOUT_RESOURCES);
	m->server = start_server(place, listening, &m->reports);
	*why = m->server < 0 ? strerror(errno) : await_start(arena, m->reports);
	close(listening);
	if (!*why)
		return m;
	marketplace_close(m);
	return NULL;
}

void marketplace_close(struct marketplace *m)
{
	if (!m)
		return;
	if (m->server > 0) {
		kill(m->server, SIGKILL);
		waitpid(m->server, NULL, 0);
	}
	if (m->reports >= 0)
		close(m->reports);
}

/* ---- reports ---- */

static struct marketplace_record *open_record(struct marketplace *m,
					      const char *key)
{
	const struct name_entry *entry = name_map_first(m->records, key);
	struct marketplace_record *record;

	if (entry)
		return entry->value;
	record = arena_alloc(m->arena, sizeof *record);
	name_map_add(m->records, arena_strdup(m->arena, key), record);
	return record;
}

static void take_report(struct marketplace *m,
			const struct marketplace_report *report,
			const char *config, size_t length)
{
	struct marketplace_record *record = open_record(m, report->key);
	const char *why;

	record->calls[report->call][report->fault]++;
	if (length > 0)
		record->config = json_parse(m->arena, config, length, &why);
}

/* Wait at most until the given time.  Return false if no report has arrived. */
static bool receive_report(struct marketplace *m, int64_t until)
{
	static char config[MARKETPLACE_LONGEST_CONFIG];
	struct marketplace_report report;
	struct pollfd waiting = { .fd = m->reports, .events = POLLIN };
	struct iovec parts[] = {
		{ &report, sizeof report },
		{ config, sizeof config },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	int64_t left = until - clock_now();
	ssize_t got;

	if (poll(&waiting, 1, left > 0 ? (int)left : 0) <= 0)
		return false;
	got = recvmsg(m->reports, &message, MSG_DONTWAIT);
	if (got < (ssize_t)sizeof report)
		return false;
	take_report(m, &report, config, (size_t)got - sizeof report);
	return true;
}

const struct marketplace_record *marketplace_record(struct marketplace *m,
						    const char *key)
{
	while (receive_report(m, 0))
		;
	return open_record(m, key);
}

bool marketplace_has_ended(const struct marketplace_record *record)
{
	const int *ends = record->calls[MARKETPLACE_PROVISION];

	return ends[MARKETPLACE_RIGHT] + ends[MARKETPLACE_EARLY] > 0;
}

const struct marketplace_record *
marketplace_await_end(struct marketplace *m, const char *key, int64_t until)
{
	const struct marketplace_record *record = marketplace_record(m, key);

	while (!marketplace_has_ended(record) && receive_report(m, until))
		;
	return record;
}
