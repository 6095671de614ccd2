#include "files.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/process/call_client.h"

enum { PATIENCE = 60000 /* ms, for what arrives at once */ };

#define CLOSED "closed the connection: see the log of provisor-hooks"

/* ---- a socket in place of the pool's ---- */

/* Bind a socket to path, and return it. */
static int bind_socket(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int bound = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof name.sun_path);
	strcpy(name.sun_path, path);
	unlink(path);
	assert_int_equal(bind(bound, (struct sockaddr *)&name, sizeof name), 0);
	return bound;
}

/* Read a call, which is short, and write length bytes of a reply. */
static void reply_to_call(int listening, const struct call_reply *reply,
			  size_t length)
{
	int connection = accept(listening, NULL, NULL);
	char call[512];
	bool is_well = recv(connection, call, sizeof call, 0) > 0
		&& send(connection, reply, length, 0) == (ssize_t)length;

	_exit(is_well ? EXIT_SUCCESS : EXIT_FAILURE);
}

static const struct call_message *sample_call(const char *argument)
{
	static const char *arguments[] = { "x", NULL, NULL };
	static const char *const none[] = { NULL };
	static const struct call_message call = {
		.path = "/x",
		.folder = "/",
		.arguments = arguments,
		.environment = none,
	};

	arguments[1] = argument;
	return &call;
}

/* Return why no call can be started at path. */
static const char *start_at(const char *path, int64_t until)
{
	struct call_client client = { .socket = path };
	const char *why =
		call_client_start(&client, arena, sample_call("a"), until);

	assert_non_null(why);
	assert_int_equal(client.connection, -1);
	return why;
}

/* ---- replies ---- */

static struct reply_row {
	const char *name;
	struct call_reply reply;
	size_t length;
	const char *why;
} replies[] = {
	{ "a pool that closes the connection", { 0 }, 0, CLOSED },
	{ "a reply that is cut", { CALL_VERSION, 0, 0 }, 4, CLOSED },
	{ "a reply without descriptors",
	  { CALL_VERSION, 0, 0 },
	  sizeof(struct call_reply),
	  CLOSED },
	{ "a pool that cannot start a process",
	  { CALL_VERSION, EMFILE, 0 },
	  sizeof(struct call_reply),
	  "cannot start a process (Too many open files): raise the limits" },
};

static pid_t start_replier(int listening, const struct call_reply *reply,
			   size_t length)
{
	pid_t replier = fork();

	if (replier == 0)
		reply_to_call(listening, reply, length);
	close(listening);
	return replier;
}

static void assert_has_replied(pid_t replier)
{
	int status;

	assert_int_equal(waitpid(replier, &status, 0), replier);
	assert_int_equal(status, 0);
}

static void reply_is_explained(void **state)
{
	const struct reply_row *row = *state;
	const char *path = files_path("hooks.sock");
	int listening = bind_socket(path);
	pid_t replier;

	assert_int_equal(listen(listening, 1), 0);
	replier = start_replier(listening, &row->reply, row->length);
	assert_contains(start_at(path, clock_now() + PATIENCE), row->why);
	assert_has_replied(replier);
}

/* Return why the user of a pool with this reply is not found, or NULL. */
static const char *find_user(const struct call_reply *reply, uid_t *user)
{
	const char *path = files_path("hooks.sock");
	int listening = bind_socket(path);
	const char *why;
	pid_t replier;

	assert_int_equal(listen(listening, 1), 0);
	replier = start_replier(listening, reply, sizeof *reply);
	why = call_client_find_user(path, arena, clock_now() + PATIENCE, user);
	assert_has_replied(replier);
	return why;
}

static void the_user_of_the_pool_is_found(void)
{
	static const struct call_reply reply = { CALL_VERSION, 0, 77 };
	uid_t user = 0;

	assert_null(find_user(&reply, &user));
	assert_int_equal(user, 77);
}

static void a_reply_of_another_version(void)
{
	static const struct call_reply reply = { CALL_VERSION + 1, 0, 77 };
	uid_t user = 0;

	assert_contains(find_user(&reply, &user), CLOSED);
}

/* ---- no reply ---- */

static void a_pool_that_is_silent(void)
{
	const char *path = files_path("hooks.sock");
	int listening = bind_socket(path);

	assert_int_equal(listen(listening, 1), 0);
	assert_contains(start_at(path, clock_now() + 20),
			"did not answer in time");
	assert_contains(start_at(path, clock_now()), "did not answer in time");
	close(listening);
}

static void a_pool_with_a_full_queue(void)
{
	const char *path = files_path("hooks.sock");
	int listening = bind_socket(path);
	const char *why;

	assert_int_equal(listen(listening, 0), 0);
	start_at(path, clock_now()); /* stays in the queue */
	why = start_at(path, clock_now());
	assert_contains(why, path);
	assert_contains(why, "has a full queue");
	close(listening);
}

static void a_socket_where_nobody_listens(void)
{
	const char *path = files_path("hooks.sock");
	int bound = bind_socket(path);
	const char *why = start_at(path, clock_now() + PATIENCE);

	assert_contains(why, "does not listen at ");
	assert_contains(why, "(Connection refused): start provisor-hooks");
	close(bound);
}

static void a_path_that_is_too_long(void)
{
	const char *path = files_path(unit_repeat("x", 108));

	assert_contains(start_at(path, clock_now() + PATIENCE),
			"is too long a path for a socket");
}

static void a_call_that_is_too_long(void)
{
	const char *path = files_path("hooks.sock");
	int listening = bind_socket(path);
	struct call_client client = { .socket = path };

	assert_int_equal(listen(listening, 1), 0);
	assert_contains(
		call_client_start(&client, arena,
				  sample_call(unit_repeat("x", CALL_LONGEST)),
				  clock_now() + PATIENCE),
		"its call is too long");
	assert_int_equal(client.connection, -1);
	close(listening);
}

static struct unit_check checks[] = {
	{ "the user of the pool is found", the_user_of_the_pool_is_found },
	{ "a reply of another version", a_reply_of_another_version },
	{ "a pool that is silent", a_pool_that_is_silent },
	{ "a pool with a full queue", a_pool_with_a_full_queue },
	{ "a socket where nobody listens", a_socket_where_nobody_listens },
	{ "a path that is too long", a_path_that_is_too_long },
	{ "a call that is too long", a_call_that_is_too_long },
};

int main(void)
{
	UNIT_ROWS(replies, reply_is_explained);
	UNIT_CHECKS(checks);
	return unit_run("call_client");
}
