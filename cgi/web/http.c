#include "cgi/web/http.h"

#include <stdlib.h>
#include <string.h>

#include "cgi/web/gateway.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/listener/listener.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/uuid.h"

enum {
	MAX_PARAMETER = 65535, /* bytes: FastCGI's limit for all parameters */
	MAX_REQUEST_ID = 64,
	LATEST_RESPONSE = 85 /* % of the answer limit: the response is sent */
};

#define RETRY_AFTER "5" /* seconds */

/* ---- receiving ---- */

/* Return a copy of a parameter, or NULL if it is absent or too long to be
 * valid. */
static const char *copy_parameter(struct gateway *gateway, struct exchange *x,
				  const char *name)
{
	const char *value = gateway_parameter(gateway, name);

	if (!value || strlen(value) > MAX_PARAMETER)
		return NULL;
	return arena_strdup(x->arena, value);
}

/* In the order of the bits of enum http_method. */
static const char *const methods[] = { "GET", "HEAD",   "POST",
				       "PUT", "DELETE", "PATCH" };

static enum http_method read_method(const char *name)
{
	for (size_t i = 0; i < COUNT(methods); i++)
		if (strcmp(name, methods[i]) == 0)
			return (enum http_method)(1u << i);
	return HTTP_OTHER;
}

/*
 * Read the path as the client sent it: nginx's DOCUMENT_URI has already lost
 * %2F, // and "..".  A plain CGI server may set only decoded variables.
 */
static void read_path(struct gateway *gateway, struct exchange *x)
{
	const char *uri = copy_parameter(gateway, x, "REQUEST_URI");
	const char *script, *info;

	if (!uri && !gateway_parameter(gateway, "REQUEST_URI")) {
		script = copy_parameter(gateway, x, "SCRIPT_NAME");
		info = copy_parameter(gateway, x, "PATH_INFO");
		uri = arena_join(x->arena, script, info);
	}
	x->path_outcome = uri
		? url_path_read(x->arena, uri, strcspn(uri, "?"), &x->path)
		: OUTCOME_NOT_FOUND;
}

/*
 * Read nginx's $msec, such as 1700000000.123, as a time of clock_now().  Return
 * the current time if nginx sent none, or one that is malformed or in the
 * future.
 */
static int64_t read_started(struct gateway *gateway)
{
	const char *text = gateway_parameter(gateway, "PROVISOR_RECEIVED");
	int64_t received, age = 0;

	if (number_read_seconds(text, &received) && received > 0)
		age = clock_wall() - received;
	return clock_now() - (age > 0 ? age : 0);
}

/* Read the declared length of the body: 0 if it is absent, SIZE_MAX if it is
 * too large for a number.  Return false if it is malformed. */
static bool read_length(const char *text, size_t *length)
{
	int64_t number = 0;

	if (text && text[strspn(text, "0123456789")] != '\0')
		return false;
	if (text && !number_read(text, 0, INT64_MAX, &number))
		*length = SIZE_MAX;
	else
		*length = (size_t)number;
	return true;
}

/*
 * Read the body to its end, even if it is not used: the web server would
 * execute unread bytes of a kept connection as the next request.  Return its
 * length, up to limit; the first room bytes of it are in body.
 */
static size_t drain_body(struct gateway *gateway, char *body, size_t room,
			 size_t limit)
{
	char excess[1024];
	size_t length = 0, count = 1;

	while (count > 0 && length < room && length < limit) {
		count = gateway_read(gateway, body + length, room - length);
		length += count;
	}
	while (count > 0 && length < limit) {
		size_t left = limit - length;

		count = gateway_read(gateway, excess,
				     left < sizeof excess ? left
							  : sizeof excess);
		length += count;
	}
	if (length > room)
		explicit_bzero(excess, sizeof excess);
	return length;
}

static void read_body(struct gateway *gateway, struct exchange *x)
{
	size_t declared = 0, room, length;
	bool is_number = read_length(
		gateway_parameter(gateway, "CONTENT_LENGTH"), &declared);
	char *body;

	room = declared < HTTP_MAX_BODY ? declared : HTTP_MAX_BODY;
	body = arena_alloc(x->arena, room + 1);
	length = drain_body(gateway, body, room,
			    gateway_is_cgi(gateway) ? declared : SIZE_MAX);
	if (length > HTTP_MAX_BODY || declared > HTTP_MAX_BODY)
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

	if (id && strlen(id) <= MAX_REQUEST_ID)
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
	x->deadline = x->started + answer_limit * LATEST_RESPONSE / 100;
	x->listen_until =
		x->started + answer_limit * LISTENER_ANSWER_SHARE / 100;
	x->is_late = clock_now() > x->listen_until;
	x->request_id = read_request_id(gateway, x);
	x->method_name = method ? method : "";
	x->method = read_method(x->method_name);
	x->authorization = copy_parameter(gateway, x, "HTTP_AUTHORIZATION");
	x->accept = copy_parameter(gateway, x, "HTTP_ACCEPT");
	x->content_type = copy_parameter(gateway, x, "CONTENT_TYPE");
	x->query = copy_parameter(gateway, x, "QUERY_STRING");
	x->cookie = copy_parameter(gateway, x, "HTTP_COOKIE");
	x->origin = copy_parameter(gateway, x, "HTTP_ORIGIN");
	x->fetch_site = copy_parameter(gateway, x, "HTTP_SEC_FETCH_SITE");
	x->host = copy_parameter(gateway, x, "HTTP_HOST");
	x->address = copy_parameter(gateway, x, "REMOTE_ADDR");
	/* No header can set these: nginx passes headers as HTTP_NAME. */
	x->server = copy_parameter(gateway, x, "PROVISOR_SERVER");
	if (x->server) {
		x->server_key =
			copy_parameter(gateway, x, "PROVISOR_SERVER_KEY");
		x->operator= copy_parameter(gateway, x, "PROVISOR_OPERATOR");
	}
	x->gateway = gateway;
	read_path(gateway, x);
	read_body(gateway, x);
	gateway_end_body(gateway);
	x->is_hung_up = gateway_has_hung_up(gateway);
}

static bool is_origin(const struct exchange *x, const char *scheme)
{
	return strcmp(x->origin, arena_join(x->arena, scheme, x->host)) == 0;
}

/* Sec-Fetch-Site comes from browsers that trust the connection.  Origin is
 * "null" if a proxy has added a stricter Referrer-Policy, and does not match if
 * a proxy has changed Host. */
bool http_is_from_our_page(const struct exchange *x, bool plain_too)
{
	if (x->fetch_site)
		return strcmp(x->fetch_site, "same-origin") == 0;
	return x->origin && x->host
		&& (is_origin(x, "https://")
		    || (plain_too && is_origin(x, "http://")));
}

bool http_has_hung_up(const struct exchange *x)
{
	return gateway_has_hung_up(x->gateway);
}

/* ---- responding ---- */

void http_add_header(struct exchange *x, const char *header)
{
	x->headers = arena_join(x->arena, x->headers, header);
}

void http_set_outcome(struct exchange *x, enum outcome outcome)
{
	static const struct {
		int status;
		const char *message;
	} responses[] = {
		[OUTCOME_OK] = { 200, NULL },
		[OUTCOME_ACCEPTED] = { 202, NULL },
		[OUTCOME_MALFORMED] = { 400, "The request cannot be read." },
		[OUTCOME_UNAUTHENTICATED] = { 401,
					      "The user name or the password "
					      "is wrong." },
		[OUTCOME_NOT_FOUND] = { 404, "There is nothing at this path." },
		[OUTCOME_WRONG_METHOD] = { 405,
					   "This method is not allowed for "
					   "this path." },
		[OUTCOME_GONE] = { 410, "The resource is gone." },
		[OUTCOME_TOO_LARGE] = { 413, "The request is too large." },
		[OUTCOME_INVALID] = { 422, "The request is not valid." },
		[OUTCOME_UNAVAILABLE] = { 503,
					  "The service is not available right "
					  "now. Please try "
					  "again in a moment." },
		[OUTCOME_BROKEN] = { 500, "Something went wrong on our side." },
		[OUTCOME_HUNG_UP] = { 503,
				      "The request was cancelled. Please try "
				      "again." },
		[OUTCOME_FORBIDDEN] = { 403, "This is not allowed." },
	};
	_Static_assert(COUNT(responses) == OUTCOME_COUNT,
		       "every outcome needs a response");

	x->outcome = outcome;
	if (x->status == 0)
		x->status = responses[outcome].status;
	if (!x->message)
		x->message = responses[outcome].message;
}

/*
 * Return the reason phrase of a status (RFC 9110, section 15).  It may be
 * empty, but the space before it is required (RFC 9112, section 4), and nginx
 * does not send this space after a bare number.
 */
static const char *name_status(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 303, "See Other" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 422, "Unprocessable Content" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < COUNT(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Other";
}

/* Return the names of a set of methods, such as "PUT, DELETE". */
static const char *name_methods(struct arena *arena, unsigned int set)
{
	const char *names = "";

	for (size_t i = 0; i < COUNT(methods); i++)
		if (set & (1u << i))
			names = arena_join(arena, names, *names ? ", " : NULL,
					   methods[i]);
	return names;
}

static const char *write_json_message(const struct exchange *x)
{
	struct json *object = json_object(x->arena);

	json_put_text(object, x->message_member ? x->message_member : "message",
		      x->message);
	return json_print(x->arena, object);
}

/* A 401 needs a challenge (RFC 9110, section 15.5.2).  For Basic, a browser
 * would ask the customer for a password.  It ignores a scheme that it does not
 * know. */
static const char *write_challenge(const struct exchange *x)
{
	return x->is_for_browser
		? "WWW-Authenticate: Cookie realm=\"provisor\"\r\n"
		: "WWW-Authenticate: Basic realm=\"provisor\", "
		  "charset=\"UTF-8\"\r\n";
}

/* nginx sends a response with this header at so few bytes per second that it
 * takes about 2 s, and does not pass the header on.  The worker is free
 * meanwhile, and other requests from the same address are not delayed. */
static const char slow_down[] = "X-Accel-Limit-Rate: 200\r\n";

static const char *write_response_head(struct exchange *x)
{
	struct arena *arena = x->arena;
	const char *more = NULL, *type = NULL;

	if (x->status == 401)
		more = arena_join(arena, write_challenge(x),
				  x->has_wrong_credentials ? slow_down : NULL);
	else if (x->status == 405)
		more = arena_join(arena,
				  "Allow: ", name_methods(arena, x->allowed),
				  "\r\n");
	else if (x->status == 503)
		more = "Retry-After: " RETRY_AFTER "\r\n";
	if (x->status != 204)
		type = arena_join(arena, "Content-Type: ",
				  x->type ? x->type : "application/json",
				  "\r\n");
	return arena_join(arena, "Status: ", arena_number(arena, x->status),
			  " ", name_status(x->status), "\r\n", more, type,
			  x->headers, "Cache-Control: no-store\r\n\r\n");
}

void http_send(struct gateway *gateway, struct exchange *x)
{
	gateway_write(gateway, write_response_head(x));
	if (x->status != 204 && x->method != HTTP_HEAD)
		gateway_write(gateway,
			      x->response ? x->response
					  : write_json_message(x));
	gateway_finish(gateway);
}
