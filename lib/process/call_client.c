#include "lib/process/call_client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"

/* ---- why there is no reply ---- */

static const char *explain_no_connection(struct arena *arena,
					 const char *socket, int error)
{
	static const struct {
		int error;
		const char *cause;
	} causes[] = {
		{ EAGAIN,
		  "has a full queue: find out why its calls take so "
		  "long" },
		{ EACCES,
		  "may be opened only by root and by the pools' user: "
		  "run this as one of them" },
		{ ENAMETOOLONG,
		  "is too long a path for a socket: set "
		  "PROVISOR_HOOKS to a shorter one" },
	};

	for (size_t i = 0; i < COUNT(causes); i++)
		if (causes[i].error == error)
			return arena_printf(arena,
					    "the hooks pool's socket %s "
					    "%s",
					    socket, causes[i].cause);
	return arena_printf(arena,
			    "the hooks pool does not listen at %s (%s): start "
			    "provisor-hooks",
			    socket, strerror(error));
}

static const char *explain_no_reply(struct arena *arena, const char *socket)
{
	return arena_printf(arena,
			    "the hooks pool at %s closed the connection: see "
			    "the log of provisor-hooks for the reason",
			    socket);
}

static const char *explain_silence(struct arena *arena, const char *socket)
{
	return arena_printf(arena,
			    "the hooks pool at %s did not answer in time: "
			    "check that provisor-hooks is running and has "
			    "enough processes",
			    socket);
}

static const char *explain_pool_error(struct arena *arena, int error)
{
	return arena_printf(arena,
			    "the hooks pool cannot start a process (%s): raise "
			    "the limits of provisor-hooks",
			    strerror(error));
}

/* ---- the connection ---- */

/* Return a connected socket, or -1 with the reason in errno. */
static int connect_to_pool(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int connection;

	if (strlen(path) >= sizeof name.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name.sun_path, path);
	connection =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection >= 0
	    && connect(connection, (struct sockaddr *)&name, sizeof name)
		    != 0) {
		int error = errno;

		close(connection);
		errno = error;
		return -1;
	}
	return connection;
}

static bool wait_for_pool(int connection, short events, int64_t until)
{
	struct pollfd waiting = { .fd = connection, .events = events };
	int64_t left = until - clock_now();

	return left > 0
		&& poll(&waiting, 1, left > INT32_MAX ? INT32_MAX : (int)left)
		!= 0;
}

static bool is_not_ready(ssize_t done)
{
	return done < 0 && (errno == EAGAIN || errno == EINTR);
}

/* ---- messages ---- */

/* Return false if the pool has closed the connection, or if time is up. */
static bool send_call(int connection, const char *message, size_t length,
		      int64_t until)
{
	while (length > 0 && wait_for_pool(connection, POLLOUT, until)) {
		ssize_t sent = send(connection, message, length, MSG_NOSIGNAL);

		if (sent < 0 && !is_not_ready(sent))
			return false;
		message += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return length == 0;
}

/* A reply is one small write, so it arrives as a whole. */
static ssize_t receive_reply(struct call_client *client,
			     struct call_reply *reply, bool *has_descriptors)
{
	struct iovec bytes = { reply, sizeof *reply };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof client->descriptors)];
	} control = { 0 };
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control.space,
	};
	ssize_t got = recvmsg(client->connection, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	*has_descriptors = got > 0 && header && header->cmsg_type == SCM_RIGHTS
		&& header->cmsg_len == CMSG_LEN(sizeof client->descriptors);
	if (*has_descriptors)
		memcpy(client->descriptors, CMSG_DATA(header),
		       sizeof client->descriptors);
	return got;
}

static const char *read_reply(struct call_client *client, struct arena *arena,
			      int64_t until, bool *has_descriptors)
{
	struct call_reply reply;
	ssize_t got;

	do {
		if (!wait_for_pool(client->connection, POLLIN, until))
			return explain_silence(arena, client->socket);
		got = receive_reply(client, &reply, has_descriptors);
	} while (is_not_ready(got));
	if (got != (ssize_t)sizeof reply || reply.version != CALL_VERSION)
		return explain_no_reply(arena, client->socket);
	if (reply.error != 0)
		return explain_pool_error(arena, reply.error);
	client->user = reply.user;
	return NULL;
}

/* ---- calls ---- */

/* Connect, send a call and read its reply.  Leave the connection open. */
static const char *call_pool(struct call_client *client, struct arena *arena,
			     const struct call_message *call, int64_t until,
			     bool *has_descriptors)
{
	size_t length;
	const char *message = call_message_write(arena, call, &length);

	*has_descriptors = false;
	client->connection = connect_to_pool(client->socket);
	if (client->connection < 0)
		return explain_no_connection(arena, client->socket, errno);
	if (!message)
		return "its call is too long for the hooks pool: shorten the "
		       "path of its home";
	if (!send_call(client->connection, message, length, until))
		return clock_now() < until
			? explain_no_reply(arena, client->socket)
			: explain_silence(arena, client->socket);
	return read_reply(client, arena, until, has_descriptors);
}

static void abandon_call(struct call_client *client, bool has_descriptors)
{
	for (int i = 0; has_descriptors && i < CALL_DESCRIPTORS; i++)
		close(client->descriptors[i]);
	if (client->connection >= 0)
		close(client->connection);
	client->connection = -1;
}

const char *call_client_start(struct call_client *client, struct arena *arena,
			      const struct call_message *call, int64_t until)
{
	bool has_descriptors;
	const char *why =
		call_pool(client, arena, call, until, &has_descriptors);

	if (!why && !has_descriptors)
		why = explain_no_reply(arena, client->socket);
	if (why)
		abandon_call(client, has_descriptors);
	return why;
}

const char *call_client_find_user(const char *socket, struct arena *arena,
				  int64_t until, uid_t *user)
{
	static const char *const none[] = { NULL };
	const struct call_message question = {
		.path = "",
		.folder = "",
		.arguments = none,
		.environment = none,
	};
	struct call_client client = { .socket = socket };
	bool has_descriptors;
	const char *why =
		call_pool(&client, arena, &question, until, &has_descriptors);

	abandon_call(&client, has_descriptors);
	*user = client.user;
	return why;
}
