#include "cgi/http.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/uuid.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	LISTENER = 0, /* the descriptor */
	LONGEST_REQUEST_ID = 64,
	LATEST_START = 75,  /* percent of the answer limit: too late to begin */
	LATEST_ANSWER = 85, /* percent of it: the answer is on its way */
	RETRY_AFTER = 5     /* seconds a client is asked to wait */
};

/* Where a request comes from and its answer goes. */
struct transport {
	const char *(*parameter)(struct http_server *server, const char *name);
	size_t (*read)(struct http_server *server, char *bytes, size_t size);
	void (*write)(struct http_server *server, const char *bytes,
		      size_t size);
};

struct http_server {
	const struct transport *transport;
	int64_t answer_limit;
	int epoll;
	sigset_t while_waiting; /* the signal mask */
	bool has_answered;      /* plain CGI has one request */
	FCGX_Request fcgi;
};

/* ---- FastCGI ---- */

static const char *fcgi_parameter(struct http_server *server, const char *name)
{
	return FCGX_GetParam(name, server->fcgi.envp);
}

static size_t fcgi_read(struct http_server *server, char *bytes, size_t size)
{
	int count = FCGX_GetStr(bytes, (int)size, server->fcgi.in);

	return count > 0 ? (size_t)count : 0;
}

static void fcgi_write(struct http_server *server, const char *bytes,
		       size_t size)
{
	FCGX_PutStr(bytes, (int)size, server->fcgi.out);
}

static const struct transport fcgi = { fcgi_parameter, fcgi_read, fcgi_write };

/* ---- plain CGI ---- */

static const char *cgi_parameter(struct http_server *server, const char *name)
{
	(void)server;
	return getenv(name);
}

static size_t cgi_read(struct http_server *server, char *bytes, size_t size)
{
	ssize_t count;

	(void)server;
	do
		count = read(STDIN_FILENO, bytes, size);
	while (count < 0 && errno == EINTR);
	return count > 0 ? (size_t)count : 0;
}

static void cgi_write(struct http_server *server, const char *bytes,
		      size_t size)
{
	(void)server;
	fwrite(bytes, 1, size, stdout);
}

static const struct transport cgi = { cgi_parameter, cgi_read, cgi_write };

/* ---- waiting for a request ---- */

static volatile sig_atomic_t should_end;

static void ask_to_end(int signal)
{
	(void)signal;
	should_end = 1;
}

/*
 * libfcgi's own wait can spin for ever when a signal comes at the wrong
 * moment, and loses requests.  So the signals are blocked except while we wait
 * ourselves, and libfcgi never meets one.  Ours are installed first: it puts
 * its own only where there are none.
 */
static void prepare_signals(struct http_server *server)
{
	struct sigaction end = { .sa_handler = ask_to_end };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGUSR1, &end, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &server->while_waiting);
	sigdelset(&server->while_waiting, SIGTERM);
	sigdelset(&server->while_waiting, SIGUSR1);
}

/* EPOLLEXCLUSIVE: a request wakes one worker of the pool and not all. */
static bool prepare_listener(struct http_server *server)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int flags = fcntl(LISTENER, F_GETFL);

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (flags >= 0 && server->epoll >= 0
	    && fcntl(LISTENER, F_SETFL, flags | O_NONBLOCK) == 0
	    && epoll_ctl(server->epoll, EPOLL_CTL_ADD, LISTENER, &event) == 0)
		return true;
	log_error("cannot wait on the listening socket: %s", strerror(errno));
	return false;
}

static bool is_listening(void)
{
	int yes = 0;
	socklen_t size = sizeof yes;

	return getsockopt(LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0
		&& yes;
}

struct http_server *http_open(int64_t answer_limit)
{
	struct http_server *server = calloc(1, sizeof *server);

	if (!server)
		abort();
	server->answer_limit = answer_limit;
	server->epoll = -1;
	if (!is_listening()) {
		server->transport = &cgi;
		return server;
	}
	server->transport = &fcgi;
	prepare_signals(server);
	if (prepare_listener(server) && FCGX_Init() == 0
	    && FCGX_InitRequest(&server->fcgi, LISTENER,
				FCGI_FAIL_ACCEPT_ON_INTR)
		    == 0)
		return server;
	http_close(server);
	return NULL;
}

void http_close(struct http_server *server)
{
	if (server->epoll >= 0)
		close(server->epoll);
	free(server);
}

/* False: a signal asked this worker to end. */
static bool accept_request(struct http_server *server)
{
	static const struct timespec breath = { .tv_nsec = 10 * 1000 * 1000 };
	struct epoll_event event;

	while (!should_end) {
		int result;

		if (epoll_pwait(server->epoll, &event, 1, -1,
				&server->while_waiting)
		    < 0)
			continue; /* a signal */
		result = FCGX_Accept_r(&server->fcgi);
		if (result == 0)
			return true;
		/* -EAGAIN: another worker was faster.  All else, such as
		 * having no descriptor left, must not become a busy loop. */
		if (result != -EAGAIN)
			nanosleep(&breath, NULL);
	}
	return false;
}

/* ---- reading ---- */

static const char *copy_parameter(struct http_server *server,
				  struct exchange *x, const char *name)
{
	const char *value = server->transport->parameter(server, name);

	return value && *value ? arena_strdup(x->arena, value) : NULL;
}

/* In the order of their bits. */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };

static enum http_method read_method(const char *name)
{
	for (size_t i = 0; i < COUNT(methods); i++)
		if (strcmp(name, methods[i]) == 0)
			return (enum http_method)(1u << i);
	return HTTP_OTHER;
}

/*
 * The path as it was sent: nginx's DOCUMENT_URI has already lost %2F, // and
 * "..".  A plain CGI server may not tell; then what it decoded must do.
 */
static void read_path(struct http_server *server, struct exchange *x)
{
	const char *uri = copy_parameter(server, x, "REQUEST_URI");
	const char *script, *info;

	if (!uri) {
		script = copy_parameter(server, x, "SCRIPT_NAME");
		info = copy_parameter(server, x, "PATH_INFO");
		uri = arena_printf(x->arena, "%s%s", script ? script : "",
				   info ? info : "");
	}
	x->path_outcome = path_read(x->arena, uri, strcspn(uri, "?"), &x->path);
}

/* nginx's $msec, such as 1700000000.123, on our clock.  Now, when it is not
 * told, or is ahead of us. */
static int64_t read_started(struct http_server *server)
{
	const char *text =
		server->transport->parameter(server, "PROVISOR_RECEIVED");
	double received = text ? strtod(text, NULL) : 0;
	int64_t age =
		received > 0 ? clock_wall() - (int64_t)(received * 1000) : 0;

	return clock_now() - (age > 0 ? age : 0);
}

struct body {
	char *bytes;
	size_t length;   /* of all that came, kept or not */
	size_t capacity; /* what bytes has room for, and a zero behind it */
};

/* Keep what fits; count the rest, for it is to be refused. */
static void take_bytes(struct arena *arena, struct body *body,
		       const char *bytes, size_t count)
{
	size_t length = body->length;

	body->length += count;
	if (body->length > HTTP_LARGEST_BODY)
		return;
	if (body->length > body->capacity) {
		char *larger;

		body->capacity = 2 * body->length;
		larger = arena_alloc(arena, body->capacity + 1);
		if (length > 0)
			memcpy(larger, body->bytes, length);
		body->bytes = larger;
	}
	memcpy(body->bytes + length, bytes, count);
}

/* The declared length of the body: 0 where none is declared, SIZE_MAX for any
 * that is beyond every limit.  False when it is not a number. */
static bool read_length(const char *text, size_t *length)
{
	size_t digits = text ? strspn(text, "0123456789") : 0;

	*length = 0;
	if (!text)
		return true;
	if (text[digits] != '\0')
		return false;
	*length = digits < 10 ? strtoul(text, NULL, 10) : SIZE_MAX;
	return true;
}

static void judge_body(struct exchange *x, const struct body *body,
		       bool is_number, size_t declared, bool is_declared)
{
	if (body->length > HTTP_LARGEST_BODY || declared > HTTP_LARGEST_BODY) {
		x->body_outcome = OUTCOME_TOO_LARGE;
	} else if (!is_number || (is_declared && body->length != declared)) {
		x->body_outcome = OUTCOME_MALFORMED;
	} else {
		x->body = body->bytes ? body->bytes : "";
		x->body_length = body->length;
	}
}

/*
 * Read standard input to its end whatever is to become of the request: what
 * stays unread on a kept connection would be taken for the next one.  A plain
 * CGI server need not end it, so there no more is read than was declared.
 */
static void read_body(struct http_server *server, struct exchange *x)
{
	const char *text = copy_parameter(server, x, "CONTENT_LENGTH");
	struct body body = { 0 };
	char chunk[8192];
	size_t declared, limit, count;
	bool is_number = read_length(text, &declared);

	limit = server->transport == &cgi ? declared : SIZE_MAX;
	while (body.length < limit) {
		size_t room = limit - body.length;

		count = server->transport->read(
			server, chunk,
			room < sizeof chunk ? room : sizeof chunk);
		if (count == 0)
			break;
		take_bytes(x->arena, &body, chunk, count);
	}
	explicit_bzero(chunk, sizeof chunk);
	judge_body(x, &body, is_number, declared, text != NULL);
}

static const char *read_request_id(struct http_server *server,
				   struct exchange *x)
{
	const char *id = copy_parameter(server, x, "PROVISOR_REQUEST_ID");
	char *random;

	if (id && strlen(id) <= LONGEST_REQUEST_ID)
		return id;
	random = arena_alloc(x->arena, UUID_LENGTH + 1);
	uuid_random(random);
	return random;
}

bool http_receive(struct http_server *server, struct exchange *x)
{
	const char *method;

	if (server->transport == &fcgi ? !accept_request(server)
				       : server->has_answered)
		return false;
	server->has_answered = true;

	x->started = read_started(server);
	x->deadline = x->started + server->answer_limit * LATEST_ANSWER / 100;
	x->is_late = clock_now()
		> x->started + server->answer_limit * LATEST_START / 100;
	x->request_id = read_request_id(server, x);
	log_request(x->request_id);
	method = copy_parameter(server, x, "REQUEST_METHOD");
	x->method_name = method ? method : "";
	x->method = read_method(x->method_name);
	x->authorization = copy_parameter(server, x, "HTTP_AUTHORIZATION");
	x->accept = copy_parameter(server, x, "HTTP_ACCEPT");
	read_path(server, x);
	read_body(server, x);
	return true;
}

/* ---- answering ---- */

void http_conclude(struct exchange *x, enum outcome outcome)
{
	static const struct {
		int status;
		const char *message;
	} answers[] = {
		[OUTCOME_OK] = { 200, NULL },
		[OUTCOME_ACCEPTED] = { 202, NULL },
		[OUTCOME_MALFORMED] = { 400, "The request cannot be read." },
		[OUTCOME_UNAUTHENTICATED] = { 401,
					      "The user name or the password "
					      "is wrong." },
		[OUTCOME_NOT_FOUND] = { 404, "There is nothing here." },
		[OUTCOME_WRONG_METHOD] = { 405,
					   "This method is not possible "
					   "here." },
		[OUTCOME_GONE] = { 410, "The resource is gone." },
		[OUTCOME_TOO_LARGE] = { 413, "The request is too large." },
		[OUTCOME_INVALID] = { 422, "The request is not valid." },
		[OUTCOME_UNAVAILABLE] = { 503,
					  "The service is not available right "
					  "now. Please try "
					  "again in a moment." },
		[OUTCOME_BROKEN] = { 500, "Something went wrong on our side." },
	};
	_Static_assert(COUNT(answers) == OUTCOME_COUNT, "answer each outcome");

	x->outcome = outcome;
	if (x->status == 0)
		x->status = answers[outcome].status;
	if (!x->complaint)
		x->complaint = answers[outcome].message;
}

/* "PUT, DELETE" for their bits. */
static const char *name_methods(struct arena *arena, unsigned int set)
{
	const char *names = "";

	for (size_t i = 0; i < COUNT(methods); i++)
		if (set & (1u << i))
			names = arena_printf(arena, "%s%s%s", names,
					     *names ? ", " : "", methods[i]);
	return names;
}

static const char *json_of(struct arena *arena, const char *complaint)
{
	struct json *object = json_object(arena);

	json_put_text(object, "message", complaint);
	return json_print(arena, object);
}

static const char *head_of(struct exchange *x)
{
	struct arena *arena = x->arena;
	const char *more = "";

	if (x->status == 401)
		more = "WWW-Authenticate: Basic realm=\"provisor\", "
		       "charset=\"UTF-8\"\r\n";
	else if (x->status == 405)
		more = arena_printf(arena, "Allow: %s\r\n",
				    name_methods(arena, x->allowed));
	else if (x->status == 503)
		more = arena_printf(arena, "Retry-After: %d\r\n", RETRY_AFTER);
	if (x->status != 204)
		more = arena_printf(
			arena, "%sContent-Type: application/json\r\n", more);
	return arena_printf(arena,
			    "Status: %d\r\n%sCache-Control: no-store\r\n\r\n",
			    x->status, more);
}

void http_send(struct http_server *server, struct exchange *x)
{
	const char *head = head_of(x);
	const char *body =
		x->answer ? x->answer : json_of(x->arena, x->complaint);

	server->transport->write(server, head, strlen(head));
	if (x->status != 204 && x->method != HTTP_HEAD)
		server->transport->write(server, body, strlen(body));
	if (server->transport == &fcgi)
		FCGX_Finish_r(&server->fcgi);
	else
		fflush(stdout);
}
