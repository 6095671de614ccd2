#include "lib/platform/answer.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/platform/https.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum {
	DAY = 24 * 60 * 60,
	COMMON_LIFE = 8 * 60 * 60, /* of an access token, in seconds */
	LONGEST_LIFE = 366 * DAY,
	LONGEST_WORD = 128,
	LARGEST_REMAINING = 999999999 /* calls */
};

static enum platform_verdict verdict_of(int status)
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

static const struct json *read_body(struct arena *arena,
				    const struct https_reply *reply)
{
	const char *why;

	if (reply->length == 0)
		return NULL;
	return json_parse(arena, reply->body, reply->length, &why);
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

/* What can go into a line of the log and a column of the database. */
static const char *printable(struct arena *arena, const char *text)
{
	char *copy = arena_strndup(arena, text, strnlen(text, LONGEST_WORD));

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

/*
 * The word for an error: "id" of the Platform API, "error" of OAuth.  Only one
 * of small letters and _ is believed: messages quote what we sent, and tokens
 * have digits.
 */
static const char *read_slug(struct arena *arena, const struct json *body)
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

/* A resource is given up for a 404, so it must be the marketplace that says it,
 * with an "id" as in each of its errors, and not whoever answers at a wrong
 * address or in between. */
static bool is_told_by_platform(const struct json *body)
{
	return json_text(json_member(body, "id")) != NULL;
}

static const char *write_request_id(struct arena *arena, const char *id)
{
	return id && *id
		? arena_printf(arena, ", request %s", printable(arena, id))
		: "";
}

struct platform_answer platform_judge(struct arena *arena, const char *what,
				      const struct https_reply *reply)
{
	struct platform_answer answer;
	bool is_unreadable;

	if (reply->fault)
		return platform_no_answer(arena,
					  reply->is_barred ? PLATFORM_REFUSED
							   : PLATFORM_LATER,
					  what, reply->fault);
	answer = (struct platform_answer){
		.verdict = verdict_of(reply->status),
		.status = reply->status,
		.body = read_body(arena, reply),
		.retry_after = limit_wait(reply->retry_after),
		.remaining = read_remaining(reply->remaining),
		.next_range = reply->next_range,
	};
	if (reply->status == 404 && !is_told_by_platform(answer.body))
		answer.verdict = PLATFORM_LATER;
	is_unreadable = answer.verdict == PLATFORM_DONE && !answer.body
		&& reply->length > 0;
	if (is_unreadable)
		answer.verdict = PLATFORM_LATER;
	if (answer.verdict != PLATFORM_DONE)
		answer.why = arena_printf(
			arena, "%s: status %d%s%s%s", what, reply->status,
			is_unreadable ? " without JSON" : "",
			read_slug(arena, answer.body),
			write_request_id(arena, reply->request_id));
	return answer;
}

struct platform_answer platform_no_answer(struct arena *arena,
					  enum platform_verdict verdict,
					  const char *what, const char *reason)
{
	return (struct platform_answer){
		.verdict = verdict,
		.remaining = -1,
		.why = arena_printf(arena, "%s: %s", what,
				    printable(arena, reason)),
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
	int64_t life = json_integer(seconds, COMMON_LIFE);

	return 0 < life && life <= LONGEST_LIFE ? life : COMMON_LIFE;
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
