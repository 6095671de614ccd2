#include "cgi/web/http.h"

#include <stdlib.h>
#include <string.h>

#include "cgi/web/gateway.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/uuid.h"

enum {
	LONGEST_PARAMETER = 16384,
	LONGEST_REQUEST_ID = 64,
	LARGEST_LENGTH = 999999999, /* of a body, that we read */
	LATEST_START = 75, /* percent of the answer limit: listeners must end */
	LATEST_ANSWER = 85, /* percent of it: the answer is on its way */
	RETRY_AFTER = 5     /* seconds a client is asked to wait */
};

/* ---- reading ---- */

/* A copy; NULL for one that is not set, and for one that is too long to mean
 * anything here. */
static const char *copy_parameter(struct gateway *gateway, struct exchange *x,
				  const char *name)
{
	const char *value = gateway_parameter(gateway, name);

	if (!value || strlen(value) > LONGEST_PARAMETER)
		return NULL;
	return arena_strdup(x->arena, value);
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
static void read_path(struct gateway *gateway, struct exchange *x)
{
	const char *uri = copy_parameter(gateway, x, "REQUEST_URI");
	const char *script, *info;

	if (!uri && !gateway_parameter(gateway, "REQUEST_URI")) {
		script = copy_parameter(gateway, x, "SCRIPT_NAME");
		info = copy_parameter(gateway, x, "PATH_INFO");
		uri = arena_printf(x->arena, "%s%s", script ? script : "",
				   info ? info : "");
	}
	x->path_outcome = uri
		? url_path_read(x->arena, uri, strcspn(uri, "?"), &x->path)
		: OUTCOME_NOT_FOUND;
}

/* nginx's $msec, such as 1700000000.123, on our clock.  Now, when it is not
 * told, is no time, or is ahead of us. */
static int64_t read_started(struct gateway *gateway)
{
	const char *text = gateway_parameter(gateway, "PROVISOR_RECEIVED");
	int64_t received;
	bool is_time = number_read_seconds(text, &received) && received > 0;
	int64_t age = is_time ? clock_wall() - received : 0;

	return clock_now() - (age > 0 ? age : 0);
}

/* The declared length of the body: 0 where none is, SIZE_MAX for one that is
 * too long to read.  False when it is no number. */
static bool read_length(const char *text, size_t *length)
{
	int64_t number;

	*length = 0;
	if (!text || !*text)
		return true;
	if (text[strspn(text, "0123456789")])
		return false;
	*length = number_read(text, 0, LARGEST_LENGTH, &number) ? (size_t)number
								: SIZE_MAX;
	return true;
}

/*
 * Read the body to its end whatever is to become of the request: what stays
 * unread on a kept connection would be taken for the next one.  Returns how
 * long it was; of that, as much as there is room for is in body.
 */
static size_t drain(struct gateway *gateway, char *body, size_t room,
		    size_t limit)
{
	char chunk[8192];
	size_t length = 0, count;

	while (length < limit) {
		size_t left = limit - length;

		count = gateway_read(gateway, chunk,
				     left < sizeof chunk ? left : sizeof chunk);
		if (count == 0)
			break;
		if (length < room)
			memcpy(body + length, chunk,
			       count < room - length ? count : room - length);
		length += count;
	}
	explicit_bzero(chunk, sizeof chunk);
	return length;
}

static void read_body(struct gateway *gateway, struct exchange *x)
{
	size_t declared, room, length;
	bool is_number = read_length(
		gateway_parameter(gateway, "CONTENT_LENGTH"), &declared);
	char *body;

	room = declared < HTTP_LARGEST_BODY ? declared : HTTP_LARGEST_BODY;
	body = arena_alloc(x->arena, room + 1);
	length = drain(gateway, body, room,
		       gateway_is_cgi(gateway) ? declared : SIZE_MAX);
	if (length > HTTP_LARGEST_BODY || declared > HTTP_LARGEST_BODY)
		x->body_outcome = OUTCOME_TOO_LARGE;
	else if (!is_number || length != declared)
		x->body_outcome = OUTCOME_MALFORMED;
	x->body = body;
	x->body_length = declared;
}

static const char *read_request_id(struct gateway *gateway, struct exchange *x)
{
	const char *id = copy_parameter(gateway, x, "PROVISOR_REQUEST_ID");
	char *random;

	if (id && strlen(id) <= LONGEST_REQUEST_ID)
		return id;
	random = arena_alloc(x->arena, UUID_LENGTH + 1);
	uuid_random(random);
	return random;
}

void http_receive(struct gateway *gateway, int64_t answer_limit,
		  struct exchange *x)
{
	const char *method = copy_parameter(gateway, x, "REQUEST_METHOD");

	x->started = read_started(gateway);
	x->deadline = x->started + answer_limit * LATEST_ANSWER / 100;
	x->listen_until = x->started + answer_limit * LATEST_START / 100;
	x->is_late = clock_now() > x->listen_until;
	x->request_id = read_request_id(gateway, x);
	x->method_name = method ? method : "";
	x->method = read_method(x->method_name);
	x->authorization = copy_parameter(gateway, x, "HTTP_AUTHORIZATION");
	x->accept = copy_parameter(gateway, x, "HTTP_ACCEPT");
	x->query = copy_parameter(gateway, x, "QUERY_STRING");
	x->cookie = copy_parameter(gateway, x, "HTTP_COOKIE");
	x->origin = copy_parameter(gateway, x, "HTTP_ORIGIN");
	x->host = copy_parameter(gateway, x, "HTTP_HOST");
	x->address = copy_parameter(gateway, x, "REMOTE_ADDR");
	read_path(gateway, x);
	read_body(gateway, x);
	x->is_hung_up = gateway_has_hung_up(gateway);
}

/* ---- answering ---- */

void http_add_head(struct exchange *x, const char *line)
{
	x->head = arena_printf(x->arena, "%s%s", x->head ? x->head : "", line);
}

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
		[OUTCOME_HUNG_UP] = { 503,
				      "The request was given up. Please "
				      "try again." },
		[OUTCOME_FORBIDDEN] = { 403, "This is not allowed." },
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

	if (x->status == 401 && !x->is_for_browser)
		more = "WWW-Authenticate: Basic realm=\"provisor\", "
		       "charset=\"UTF-8\"\r\n";
	else if (x->status == 405)
		more = arena_printf(arena, "Allow: %s\r\n",
				    name_methods(arena, x->allowed));
	else if (x->status == 503)
		more = arena_printf(arena, "Retry-After: %d\r\n", RETRY_AFTER);
	if (x->status != 204)
		more = arena_printf(arena, "%sContent-Type: %s\r\n", more,
				    x->type ? x->type : "application/json");
	return arena_printf(arena,
			    "Status: %d\r\n%s%sCache-Control: no-store\r\n\r\n",
			    x->status, more, x->head ? x->head : "");
}

void http_send(struct gateway *gateway, struct exchange *x)
{
	gateway_write(gateway, head_of(x));
	if (x->status != 204 && x->method != HTTP_HEAD)
		gateway_write(gateway,
			      x->answer ? x->answer
					: json_of(x->arena, x->complaint));
	gateway_finish(gateway);
}
