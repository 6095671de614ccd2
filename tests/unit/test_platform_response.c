#include "unit.h"

#include "lib/platform/https.h"
#include "lib/platform/response.h"
#include "lib/text/json.h"

/* ---- verdicts ---- */

static const char *const verdicts[] = {
	[PLATFORM_DONE] = "done",
	[PLATFORM_UNAUTHORIZED] = "unauthorized",
	[PLATFORM_FORBIDDEN] = "forbidden",
	[PLATFORM_GONE] = "gone",
	[PLATFORM_REFUSED] = "refused",
	[PLATFORM_LATER] = "later",
};

static struct reply_row {
	const char *name;
	int status;
	const char *body;
	const char *verdict;
	const char *why; /* NULL: none */
} replies[] = {
	{ "200 is done", 200, "{}", "done", NULL },
	{ "201 is done", 201, "{}", "done", NULL },
	{ "204 without a body is done", 204, "", "done", NULL },
	{ "206 is done", 206, "[]", "done", NULL },
	{ "a page instead of JSON is for later", 200, "<html>", "later",
	  "call: status 200 without JSON" },
	{ "broken JSON is for later", 200, "{", "later",
	  "call: status 200 without JSON" },
	{ "a redirect is for later", 302, "", "later", "call: status 302" },
	{ "304 is for later", 304, "", "later", "call: status 304" },
	{ "400 is refused", 400, "{\"id\":\"bad_request\"}", "refused",
	  "call: status 400, bad_request" },
	{ "401 says that a token is of no use", 401,
	  "{\"id\":\"unauthorized\",\"message\":\"There were no\"}",
	  "unauthorized", "call: status 401, unauthorized" },
	{ "OAuth's error code is quoted", 401, "{\"error\":\"invalid_grant\"}",
	  "unauthorized", "call: status 401, invalid_grant" },
	{ "402 is refused", 402, "{\"id\":\"delinquent\"}", "refused",
	  "call: status 402, delinquent" },
	{ "403 is forbidden", 403, "{\"id\":\"forbidden\"}", "forbidden",
	  "call: status 403, forbidden" },
	{ "404 is gone", 404, "{\"id\":\"not_found\"}", "gone",
	  "call: status 404, not_found" },
	{ "406 is refused", 406, "", "refused", "call: status 406" },
	{ "408 is for later", 408, "", "later", "call: status 408" },
	{ "409 is refused", 409, "{\"id\":\"conflict\"}", "refused",
	  "call: status 409, conflict" },
	{ "410 is gone", 410, "", "gone", "call: status 410" },
	{ "422 is refused", 422, "{\"id\":\"invalid_params\"}", "refused",
	  "call: status 422, invalid_params" },
	{ "429 is for later", 429, "{\"id\":\"rate_limit\"}", "later",
	  "call: status 429, rate_limit" },
	{ "500 is for later", 500, "<html>", "later", "call: status 500" },
	{ "503 is for later", 503, "", "later", "call: status 503" },
	{ "600 is for later", 600, "", "later", "call: status 600" },
	{ "a page on an error changes nothing", 422, "<html>", "refused",
	  "call: status 422" },
	{ "a page that is not found is not the API's", 404, "<html>", "later",
	  "call: status 404" },
	{ "nor is an empty answer", 404, "", "later", "call: status 404" },
	{ "nor one without an error's id", 404, "{\"message\":\"none\"}",
	  "later", "call: status 404" },
	{ "what is gone for good is gone", 410, "", "gone",
	  "call: status 410" },
	{ "a word with digits may be a secret", 422, "{\"id\":\"a1b2\"}",
	  "refused", "call: status 422" },
	{ "a word with capitals may be one", 422, "{\"id\":\"HRKU\"}",
	  "refused", "call: status 422" },
	{ "a long word may be one", 422,
	  "{\"id\":\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\"}",
	  "refused", "call: status 422" },
	{ "an error word with digits is not quoted", 422, "{\"id\":5}",
	  "refused", "call: status 422" },
	{ "a message is never quoted", 422, "{\"message\":\"token\"}",
	  "refused", "call: status 422" },
	{ "an error may be a list", 422, "[1]", "refused", "call: status 422" },
};

static struct platform_response judge(int status, const char *body)
{
	const struct https_response reply = { .status = status,
					      .body = body,
					      .length = strlen(body) };

	return platform_response_read(arena, "call", &reply);
}

static void reply_is_as_expected(void **state)
{
	const struct reply_row *row = *state;
	struct platform_response answer = judge(row->status, row->body);

	assert_string_equal(verdicts[answer.verdict], row->verdict);
	assert_int_equal(answer.status, row->status);
	assert_text(answer.why, row->why);
	assert_int_equal(answer.remaining, -1);
	assert_int_equal(answer.retry_after, 0);
}

static void a_body_that_is_json_is_given(void)
{
	assert_string_equal(
		json_print(arena, judge(422, " {\"id\":\"x\"} ").body),
		"{\"id\":\"x\"}");
	assert_null(judge(500, "<html>").body);
	assert_null(judge(204, "").body);
}

static void a_fault_is_no_answer(void)
{
	const struct https_response reply = { .fault = "Connection timed out" };
	struct platform_response answer =
		platform_response_read(arena, "call", &reply);

	assert_string_equal(verdicts[answer.verdict], "later");
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.remaining, -1);
	assert_null(answer.body);
	assert_string_equal(answer.why, "call: Connection timed out");
}

static void what_was_sent_may_have_an_effect(void)
{
	const struct https_response unsent = { .fault = "x" };
	const struct https_response sent = { .fault = "x", .was_sent = true };

	assert_false(platform_response_read(arena, "call", &unsent).is_unknown);
	assert_true(platform_response_read(arena, "call", &sent).is_unknown);
	assert_true(judge(503, "").is_unknown);
	assert_true(judge(408, "").is_unknown);
	assert_true(judge(200, "<html>").is_unknown);
	assert_false(judge(200, "{}").is_unknown);
	assert_false(judge(429, "").is_unknown);
	assert_false(judge(404, "").is_unknown);
	assert_false(judge(422, "").is_unknown);
}

static void a_barred_address_is_refused(void)
{
	const struct https_response reply = { .fault = "x", .is_barred = true };

	assert_string_equal(
		verdicts[platform_response_read(arena, "call", &reply).verdict],
		"refused");
}

static void foreign_bytes_are_made_visible(void)
{
	const struct https_response reply = { .fault = "a\r\nb\xff\x7f" };

	assert_string_equal(platform_response_read(arena, "call", &reply).why,
			    "call: a??b??");
}

/* ---- headers ---- */

static struct header_row {
	const char *name;
	const char *remaining;
	int64_t retry_after;
	const char *request_id;
	int expected_remaining;
	int expected_retry_after;
	const char *why;
} headers[] = {
	{ "all headers may be missing", NULL, 0, NULL, -1, 0,
	  "call: status 429" },
	{ "all headers are read", "4499", 30, "0a-1b", 4499, 30,
	  "call: status 429, request 0a-1b" },
	{ "nothing remains", "0", 1, "", 0, 1, "call: status 429" },
	{ "words do not remain", "many", 0, NULL, -1, 0, "call: status 429" },
	{ "less than nothing does not remain", "-5", 0, NULL, -1, 0,
	  "call: status 429" },
	{ "a remaining count that is not a number is ignored", "99999999999", 0,
	  NULL, -1, 0, "call: status 429" },
	{ "an empty text does not remain", "", 0, NULL, -1, 0,
	  "call: status 429" },
	{ "a moment that has passed is now", NULL, -5, NULL, -1, 0,
	  "call: status 429" },
	{ "a day is the longest wait", NULL, INT64_MAX, NULL, -1, 86400,
	  "call: status 429" },
	{ "a request id cannot forge", NULL, 0, "a\tb\xc3", -1, 0,
	  "call: status 429, request a?b?" },
};

static void headers_are_as_expected(void **state)
{
	const struct header_row *row = *state;
	const struct https_response reply = { .status = 429,
					      .body = "",
					      .remaining = row->remaining,
					      .retry_after = row->retry_after,
					      .request_id = row->request_id };
	struct platform_response answer =
		platform_response_read(arena, "call", &reply);

	assert_int_equal(answer.remaining, row->expected_remaining);
	assert_int_equal(answer.retry_after, row->expected_retry_after);
	assert_string_equal(answer.why, row->why);
}

/* ---- tokens ---- */

static struct token_row {
	const char *name;
	const char *body;
	const char *access; /* NULL: refused */
	const char *refresh;
	int expires_in;
} tokens[] = {
	{ "Heroku's answer is read",
	  "{\"access_token\":\"HRKU-1\",\"refresh_token\":\"r\","
	  "\"expires_in\":28799,\"token_type\":\"Bearer\",\"user_id\":\"u\","
	  "\"session_nonce\":null}",
	  "HRKU-1", "r", 28799 },
	{ "an access token is enough", "{\"access_token\":\"a\"}", "a", NULL,
	  28800 },
	{ "null is as absent",
	  "{\"access_token\":\"a\",\"refresh_token\":null,\"expires_in\":null}",
	  "a", NULL, 28800 },
	{ "an empty refresh token is ignored",
	  "{\"access_token\":\"a\",\"refresh_token\":\"\"}", "a", NULL, 28800 },
	{ "a lifetime in words is ignored",
	  "{\"access_token\":\"a\",\"expires_in\":\"60\"}", "a", NULL, 28800 },
	{ "a lifetime of zero is ignored",
	  "{\"access_token\":\"a\",\"expires_in\":0}", "a", NULL, 28800 },
	{ "an endless lifetime is ignored",
	  "{\"access_token\":\"a\",\"expires_in\":1e300}", "a", NULL, 28800 },
	{ "a lifetime of half a second is ignored",
	  "{\"access_token\":\"a\",\"expires_in\":0.5}", "a", NULL, 28800 },
	{ "one second is a life", "{\"access_token\":\"a\",\"expires_in\":1}",
	  "a", NULL, 1 },
	{ "a response without an access token is refused",
	  "{\"refresh_token\":\"r\"}", NULL, NULL, 0 },
	{ "a null access token is refused", "{\"access_token\":null}", NULL,
	  NULL, 0 },
	{ "an empty access token is refused", "{\"access_token\":\"\"}", NULL,
	  NULL, 0 },
	{ "an access token cannot end a header",
	  "{\"access_token\":\"a\\r\\nHost: b\"}", NULL, NULL, 0 },
	{ "an access token has no blanks", "{\"access_token\":\"a b\"}", NULL,
	  NULL, 0 },
	{ "an access token is ASCII", "{\"access_token\":\"\xc3\xa4\"}", NULL,
	  NULL, 0 },
	{ "a list has no tokens", "[\"access_token\"]", NULL, NULL, 0 },
	{ "no body has no tokens", "", NULL, NULL, 0 },
};

static void tokens_are_as_expected(void **state)
{
	const struct token_row *row = *state;
	struct platform_tokens read = { .expires_in = -1 };
	const struct json *body = judge(200, row->body).body;

	assert_bool(platform_read_tokens(body, &read), row->access);
	assert_text(read.access, row->access);
	assert_text(read.refresh, row->refresh);
	assert_int_equal(read.expires_in, row->access ? row->expires_in : -1);
}

static struct unit_check checks[] = {
	{ "a body that is JSON is given", a_body_that_is_json_is_given },
	{ "a fault is not a response", a_fault_is_no_answer },
	{ "what was sent may have an effect",
	  what_was_sent_may_have_an_effect },
	{ "a barred address is refused", a_barred_address_is_refused },
	{ "foreign bytes are made visible", foreign_bytes_are_made_visible },
};

int main(void)
{
	UNIT_ROWS(replies, reply_is_as_expected);
	UNIT_ROWS(headers, headers_are_as_expected);
	UNIT_ROWS(tokens, tokens_are_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("platform_answer");
}
