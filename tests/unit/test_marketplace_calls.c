#include "unit.h"

#include "lib/text/json.h"
#include "lib/verify/marketplace_calls.h"

#define KEY "01234567-89ab-4def-8123-456789abcdef"
#define V3 "application/vnd.heroku+json; version=3"

static struct marketplace_state *state;
static const char *token;

static struct marketplace_answer call(const char *method, const char *path,
				      const char *accept, const char *body)
{
	return marketplace_answer(
		state, arena,
		&(struct marketplace_request){
			.method = method,
			.path = path,
			.accept = accept,
			.authorization = token
				? arena_join(arena, "Bearer ", token)
				: "",
			.body = body,
			.length = strlen(body),
		});
}

static struct marketplace_answer call_addon(const char *method,
					    const char *rest, const char *body)
{
	return call(method, arena_join(arena, "/addons/" KEY, rest), V3, body);
}

/* Exchange a grant, and keep the access token. */
static struct marketplace_answer exchange(const char *manner,
					  const char *secret)
{
	const char *body =
		arena_join(arena, "grant_type=authorization_code&code=verify-",
			   manner, "-" KEY "&client_secret=", secret);
	const struct marketplace_answer answer =
		call("POST", "/oauth/token", "", body);

	token = json_text(json_member(answer.body, "access_token"));
	return answer;
}

static void open_state(void)
{
	state = marketplace_state_create(arena, "secret");
	token = NULL;
}

static void assert_answer(struct marketplace_answer answer, int status,
			  enum marketplace_call kind,
			  enum marketplace_fault fault)
{
	assert_int_equal(answer.status, status);
	assert_true(answer.has_report);
	assert_int_equal(answer.report.call, kind);
	assert_int_equal(answer.report.fault, fault);
}

/* ---- token requests ---- */

static struct token_row {
	const char *name;
	const char *body;
	const char *key; /* of the report */
	enum marketplace_fault fault;
} token_requests[] = {
	{ "a grant is exchanged",
	  "grant_type=authorization_code&code=verify-plain-" KEY
	  "&client_secret=secret",
	  KEY, MARKETPLACE_RIGHT },
	{ "another client secret is named",
	  "grant_type=authorization_code&code=verify-plain-" KEY
	  "&client_secret=other",
	  KEY, MARKETPLACE_SECRET },
	{ "a missing client secret is named",
	  "grant_type=authorization_code&code=verify-plain-" KEY, KEY,
	  MARKETPLACE_SECRET },
	{ "an unknown code belongs to nobody",
	  "grant_type=authorization_code&code=verify-plain-x&client_secret="
	  "secret",
	  "", MARKETPLACE_NO_FORM },
	{ "JSON is not a form",
	  "{\"grant_type\":\"authorization_code\",\"code\":\"verify-plain-" KEY
	  "\"}",
	  "", MARKETPLACE_NO_FORM },
	{ "another grant type is refused",
	  "grant_type=password&code=verify-plain-" KEY, "",
	  MARKETPLACE_NO_FORM },
};

static void token_request_is_judged(void **test)
{
	const struct token_row *row = *test;
	struct marketplace_answer answer;

	open_state();
	answer = call("POST", "/oauth/token", "", row->body);
	assert_answer(answer, row->fault == MARKETPLACE_RIGHT ? 200 : 401,
		      MARKETPLACE_EXCHANGE, row->fault);
	assert_string_equal(answer.report.key, row->key);
}

static void a_code_is_good_once(void)
{
	open_state();
	assert_answer(exchange("plain", "secret"), 200, MARKETPLACE_EXCHANGE,
		      MARKETPLACE_RIGHT);
	assert_answer(exchange("plain", "secret"), 401, MARKETPLACE_EXCHANGE,
		      MARKETPLACE_REPEATED);
}

static void an_expired_token_is_refreshed(void)
{
	struct marketplace_answer answer;
	const char *refresh;

	open_state();
	answer = exchange("expiring", "secret");
	refresh = json_text(json_member(answer.body, "refresh_token"));
	assert_answer(call_addon("GET", "", ""), 401, MARKETPLACE_READ,
		      MARKETPLACE_TURNED_AWAY);
	answer = call("POST", "/oauth/token", "",
		      arena_join(arena,
				 "grant_type=refresh_token&client_secret="
				 "secret&refresh_token=",
				 refresh));
	assert_answer(answer, 200, MARKETPLACE_REFRESH, MARKETPLACE_RIGHT);
	assert_answer(call_addon("GET", "", ""), 401, MARKETPLACE_READ,
		      MARKETPLACE_TOKEN);
	token = json_text(json_member(answer.body, "access_token"));
	assert_answer(call_addon("GET", "", ""), 200, MARKETPLACE_READ,
		      MARKETPLACE_RIGHT);
}

/* ---- calls ---- */

static void a_busy_marketplace_turns_two_calls_away(void)
{
	static const int statuses[] = { 503, 429, 200 };

	open_state();
	assert_int_equal(exchange("busy", "secret").status, 200);
	for (size_t i = 0; i < COUNT(statuses); i++) {
		const struct marketplace_answer answer =
			call_addon("GET", "/config", "");

		assert_int_equal(answer.status, statuses[i]);
		assert_true((answer.retry_after != NULL) == (i < 2));
	}
}

static void another_version_is_named(void)
{
	open_state();
	assert_int_equal(exchange("plain", "secret").status, 200);
	assert_answer(call("GET", "/addons/" KEY, "application/json", ""), 406,
		      MARKETPLACE_READ, MARKETPLACE_VERSION);
}

static void a_token_of_nobody_is_named(void)
{
	open_state();
	token = "x";
	assert_answer(call_addon("GET", "", ""), 401, MARKETPLACE_READ,
		      MARKETPLACE_TOKEN);
}

static struct body_row {
	const char *name;
	const char *body;
	const char *config; /* NULL: it is refused */
} bodies[] = {
	{ "config vars become an object",
	  "{\"config\":[{\"name\":\"A\",\"value\":\"1\"},"
	  "{\"name\":\"B\",\"value\":null}]}",
	  "{\"A\":\"1\",\"B\":null}" },
	{ "the first of two equal names counts",
	  "{\"config\":[{\"name\":\"A\",\"value\":\"1\"},"
	  "{\"name\":\"A\",\"value\":\"2\"}]}",
	  "{\"A\":\"1\"}" },
	{ "no config vars are a list, too", "{\"config\":[]}", "{}" },
	{ "an object is refused", "{\"config\":{\"A\":\"1\"}}", NULL },
	{ "a var without a value is refused", "{\"config\":[{\"name\":\"A\"}]}",
	  NULL },
	{ "what is not JSON is refused", "config", NULL },
};

static void config_is_judged(void **test)
{
	const struct body_row *row = *test;
	struct marketplace_answer answer;

	open_state();
	assert_int_equal(exchange("plain", "secret").status, 200);
	answer = call_addon("PATCH", "/config", row->body);
	assert_answer(answer, row->config ? 200 : 422, MARKETPLACE_SET_CONFIG,
		      row->config ? MARKETPLACE_RIGHT : MARKETPLACE_BODY);
	if (row->config)
		assert_string_equal(answer.config, row->config);
	else
		assert_null(answer.config);
}

static void the_end_comes_after_config_vars(void)
{
	open_state();
	assert_int_equal(exchange("plain", "secret").status, 200);
	assert_answer(call_addon("POST", "/actions/provision", ""), 200,
		      MARKETPLACE_PROVISION, MARKETPLACE_EARLY);
	assert_int_equal(
		call_addon("PATCH", "/config", "{\"config\":[]}").status, 200);
	assert_answer(call_addon("POST", "/actions/provision", ""), 200,
		      MARKETPLACE_PROVISION, MARKETPLACE_RIGHT);
}

static void what_is_not_served_is_not_reported(void)
{
	static const char *const paths[] = { "/", "/addons/",
					     "/addons/" KEY "x",
					     "/addons/" KEY "/config/x" };

	open_state();
	for (size_t i = 0; i < COUNT(paths); i++) {
		const struct marketplace_answer answer =
			call("GET", paths[i], V3, "");

		assert_int_equal(answer.status, 404);
		assert_false(answer.has_report);
	}
}

static struct unit_check checks[] = {
	{ "a code is good once", a_code_is_good_once },
	{ "an expired token is refreshed", an_expired_token_is_refreshed },
	{ "a busy marketplace turns two calls away",
	  a_busy_marketplace_turns_two_calls_away },
	{ "another version is named", another_version_is_named },
	{ "a token of nobody is named", a_token_of_nobody_is_named },
	{ "the end comes after config vars", the_end_comes_after_config_vars },
	{ "what is not served is not reported",
	  what_is_not_served_is_not_reported },
};

int main(void)
{
	UNIT_ROWS(token_requests, token_request_is_judged);
	UNIT_ROWS(bodies, config_is_judged);
	UNIT_CHECKS(checks);
	return unit_run("marketplace_calls");
}
