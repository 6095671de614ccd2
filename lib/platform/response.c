#include "lib/platform/response.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/platform/https.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum {
	DAY = 24 * 60 * 60,         /* seconds, like the following */
	DEFAULT_LIFE = 8 * 60 * 60, /* of an access token */
	LONGEST_LIFE = 366 * DAY,
	LONGEST_QUOTE = 128, /* characters of a text that is not ours */
	LARGEST_REMAINING = 999999999 /* calls */
};

static enum platform_verdict find_verdict(int status)
{
	static const struct {
		int first, last;
		enum platform_verdict verdict;
	} table[] = {
		{ 200, 299, PLATFORM_DONE },
		{ 401, 401, PLATFORM_UNAUTHORIZED },
		{ 403, 403, PLATFORM_FORBIDDEN },
		{ 404, 404, PLATFORM_GONE },
		{ 410, 410, PLATFORM_GONE },
		{ 408, 408, PLATFORM_LATER },
		{ 429, 429, PLATFORM_LATER },
		{ 400, 499, PLATFORM_REFUSED },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].first <= status && status <= table[i].last)
			return table[i].verdict;
	return PLATFORM_LATER;
}

static const struct json *parse_body(struct arena *arena,
				     const struct https_response *received)
{
	const char *why;

	if (received->length == 0)
		return NULL;
	return json_parse(arena, received->body, received->length, &why);
}

static int read_remaining(const char *text)
{
	int remaining = -1;

	(void)!number_read_int(text, 0, LARGEST_REMAINING, &remaining);
	return remaining;
}

static int limit_wait(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds < DAY ? (int)seconds : DAY;
}

/* Return a string that a log line and a column of the database can contain. */
static const char *make_printable(struct arena *arena, const char *text)
{
	char *copy = arena_strndup(arena, text, strnlen(text, LONGEST_QUOTE));

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

/*
 * Read the error code: "id" of the Platform API, or "error" of OAuth.
 * Only lower-case letters and _ are accepted: other strings may quote our
 * request, and tokens contain digits.
 */
static const char *read_error_word(struct arena *arena, const struct json *body)
{
	const char *slug = json_text(json_member(body, "id"));
	size_t length;

	if (!slug)
		slug = json_text(json_member(body, "error"));
	length = slug ? strspn(slug, "abcdefghijklmnopqrstuvwxyz_") : 0;
	if (length == 0 || length > 40 || slug[length])
		return "";
	return arena_printf(arena, ", %s", slug);
}

/* A 404 means that the resource no longer exists, so the response must come
 * from the marketplace and not from a proxy or a wrong address.  All errors of
 * the marketplace have an "id". */
static bool is_from_platform(const struct json *body)
{
	return json_text(json_member(body, "id")) != NULL;
}

static const char *write_request_id(struct arena *arena, const char *id)
{
	return id && *id
		? arena_printf(arena, ", request %s", make_printable(arena, id))
		: "";
}

static struct platform_response
read_fault(struct arena *arena, const char *what,
	   const struct https_response *received)
{
	struct platform_response response = platform_response_none(
		arena, received->is_barred ? PLATFORM_REFUSED : PLATFORM_LATER,
		what, received->fault);

	response.is_unknown = received->was_sent;
	return response;
}

/* A gateway responds with 408 or 5xx when it has waited for too long. */
static bool is_unknown(const struct platform_response *response)
{
	return response->verdict == PLATFORM_LATER
		&& (response->status == 408 || response->status >= 500
		    || response->status < 300);
}

struct platform_response
platform_response_read(struct arena *arena, const char *what,
		       const struct https_response *received)
{
	struct platform_response response;
	bool is_unreadable;

	if (received->fault)
		return read_fault(arena, what, received);
	response = (struct platform_response){
		.verdict = find_verdict(received->status),
		.status = received->status,
		.body = parse_body(arena, received),
		.retry_after = limit_wait(received->retry_after),
		.remaining = read_remaining(received->remaining),
		.next_range = received->next_range,
	};
	if (received->status == 404 && !is_from_platform(response.body))
		response.verdict = PLATFORM_LATER;
	is_unreadable = response.verdict == PLATFORM_DONE && !response.body
		&& received->length > 0;
	if (is_unreadable)
		response.verdict = PLATFORM_LATER;
	response.is_unknown = is_unknown(&response);
	if (response.verdict != PLATFORM_DONE)
		response.why = arena_printf(
			arena, "%s: status %d%s%s%s", what, received->status,
			is_unreadable ? " without JSON" : "",
			read_error_word(arena, response.body),
			write_request_id(arena, received->request_id));
	return response;
}

struct platform_response platform_response_none(struct arena *arena,
						enum platform_verdict verdict,
						const char *what,
						const char *reason)
{
	return (struct platform_response){
		.verdict = verdict,
		.remaining = -1,
		.why = arena_printf(arena, "%s: %s", what,
				    make_printable(arena, reason)),
	};
}

bool platform_is_token(const char *text)
{
	const char *c = text;

	while (*c > ' ' && *c <= '~')
		c++;
	return c > text && *c == '\0';
}

static int64_t read_life(const struct json *seconds)
{
	int64_t life = json_integer(seconds, DEFAULT_LIFE);

	return 0 < life && life <= LONGEST_LIFE ? life : DEFAULT_LIFE;
}

bool platform_read_tokens(const struct json *body,
			  struct platform_tokens *tokens)
{
	const char *access = json_text(json_member(body, "access_token"));
	const char *refresh = json_text(json_member(body, "refresh_token"));

	if (!access || !platform_is_token(access))
		return false;
	*tokens = (struct platform_tokens){
		.access = access,
		.refresh = refresh && *refresh ? refresh : NULL,
		.expires_in = read_life(json_member(body, "expires_in")),
	};
	return true;
}

/* The name is "SLUG:PLAN". */
const char *platform_response_plan(const struct json *addon)
{
	const char *name =
		json_text(json_member(json_member(addon, "plan"), "name"));
	const char *colon = name ? strchr(name, ':') : NULL;

	return colon && colon[1] ? colon + 1 : NULL;
}
