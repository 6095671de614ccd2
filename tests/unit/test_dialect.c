#include "parse.h"

#include "lib/dialect/dialect.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

static const struct dialect *heroku(const char *version)
{
	const struct dialect *dialect = dialect_find("heroku", version);

	assert_non_null(dialect);
	return dialect;
}

/* ---- which dialect ---- */

static struct find_row {
	const char *name;
	const char *marketplace;
	const char *version;
	const char *expected; /* NULL: no dialect */
} finds[] = {
	{ "version 3 of heroku has a dialect", "heroku", "3", "heroku-v3" },
	{ "version 1 of heroku has a dialect", "heroku", "1", "heroku-v1" },
	{ "no version of heroku is version 1", "heroku", NULL, "heroku-v1" },
	{ "version 2 of heroku has no dialect", "heroku", "2", NULL },
	{ "an empty version has no dialect", "heroku", "", NULL },
	{ "an unknown marketplace has no dialect", "nowhere", "3", NULL },
	{ "an unknown marketplace has no default", "nowhere", NULL, NULL },
	{ "a marketplace is in lower case", "Heroku", "3", NULL },
};

static void dialect_is_as_expected(void **state)
{
	const struct find_row *row = *state;
	const struct dialect *found =
		dialect_find(row->marketplace, row->version);

	assert_text(found ? found->name : NULL, row->expected);
}

static struct status_row {
	const char *name;
	const char *version;
	int provisioned, plan_changed, deprovisioned, deprovisioned_again;
	bool path_has_key, buries_unseen;
} statuses[] = {
	{ "version 3 responds 200, 200, 204 and 410", "3", 200, 200, 204, 410,
	  true, true },
	{ "version 1 always responds 200", "1", 200, 200, 200, 200, false,
	  false },
};

static void statuses_are_as_expected(void **state)
{
	const struct status_row *row = *state;
	const struct dialect *dialect = heroku(row->version);

	assert_string_equal(dialect->marketplace, "heroku");
	assert_string_equal(dialect->version, row->version);
	assert_string_equal(dialect->resources_path, "/heroku/resources");
	assert_int_equal(dialect->provisioned, row->provisioned);
	assert_int_equal(dialect->plan_changed, row->plan_changed);
	assert_int_equal(dialect->deprovisioned, row->deprovisioned);
	assert_int_equal(dialect->deprovisioned_again,
			 row->deprovisioned_again);
	assert_bool(dialect->path_has_key, row->path_has_key);
	assert_bool(dialect->buries_unseen, row->buries_unseen);
}

/* ---- whole requests ---- */

static struct provision_request read_well(const char *version, const char *body)
{
	struct provision_request request;
	const char *message = "";

	memset(&request, 0xa5, sizeof request);
	assert_string_equal(outcome_name(dialect_read_provision(
				    heroku(version), arena, parse(body),
				    &request, &message)),
			    "ok");
	return request;
}

/* As in the Add-on Partner API Reference. */
static void version_3_is_read_whole(void)
{
	struct provision_request request = read_well(
		"3",
		"{\"callback_url\":\"https://api.heroku.com/addons/" UUID "\","
		"\"name\":\"acme-inc-primary-database\","
		"\"oauth_grant\":{\"code\":"
		"\"c85d1d9d-7c1c-4bd4-9d2e-4d2e4d2e4d2e\","
		"\"expires_at\":\"2016-03-03T18:01:31-0800\","
		"\"type\":\"authorization_code\"},"
		"\"options\":{\"foo\":\"bar\",\"baz\":\"true\"},"
		"\"plan\":\"basic\","
		"\"region\":\"amazon-web-services::us-east-1\","
		"\"uuid\":\"" UUID "\","
		"\"log_input_url\":\"https://token:t.01@1.us.logplex.io/logs\","
		"\"log_drain_token\":\"d.01234567\"}");

	assert_text(request.key, UUID);
	assert_text(request.plan, "basic");
	assert_text(request.region, "amazon-web-services::us-east-1");
	assert_text(request.name, "acme-inc-primary-database");
	assert_text(json_text(json_member(request.options, "foo")), "bar");
	assert_text(json_text(json_member(request.options, "baz")), "true");
	assert_int_equal(json_count(request.options), 2);
	assert_text(request.callback_url,
		    "https://api.heroku.com/addons/" UUID);
	assert_text(request.log_input_url,
		    "https://token:t.01@1.us.logplex.io/logs");
	assert_text(request.log_drain_token, "d.01234567");
	assert_text(request.grant_code, "c85d1d9d-7c1c-4bd4-9d2e-4d2e4d2e4d2e");
	assert_int_equal(request.grant_expires_at, 1457056891);
}

static void version_3_needs_little(void)
{
	struct provision_request request =
		read_well("3", "{\"uuid\":\"" UUID "\",\"plan\":\"basic\"}");

	assert_text(request.key, UUID);
	assert_text(request.plan, "basic");
	assert_null(request.region);
	assert_null(request.name);
	assert_non_null(request.options);
	assert_true(json_is_object(request.options));
	assert_int_equal(json_count(request.options), 0);
	assert_null(request.callback_url);
	assert_null(request.log_input_url);
	assert_null(request.log_drain_token);
	assert_null(request.grant_code);
	assert_int_equal(request.grant_expires_at, 0);
}

/* As kensa writes it. */
static void version_1_is_read_whole(void)
{
	struct provision_request request = read_well(
		"1",
		"{\"heroku_id\":\"app1234@heroku.com\","
		"\"plan\":\"test\","
		"\"region\":\"amazon-web-services::us-east-1\","
		"\"callback_url\":\"http://localhost:7779/callback/999\","
		"\"logplex_token\":\"t.0123\","
		"\"options\":{\"foo\":\"bar\"},"
		"\"uuid\":\"" UUID "\"}");

	assert_text(request.logplex_token, "t.0123");
	assert_text(request.key, UUID);
	assert_text(request.plan, "test");
	assert_text(request.region, "amazon-web-services::us-east-1");
	assert_text(request.callback_url, "http://localhost:7779/callback/999");
	assert_text(json_print(arena, request.options), "{\"foo\":\"bar\"}");
	assert_text(json_print(arena, request.owner),
		    "{\"heroku_id\":\"app1234@heroku.com\"}");
}

static void version_1_needs_only_a_plan(void)
{
	struct provision_request request =
		read_well("1", "{\"plan\":\"test\"}");

	assert_text(request.plan, "test");
	assert_null(request.key);
	assert_int_equal(json_count(request.options), 0);
}

static void a_key_is_stored_in_lower_case(void)
{
	const char *body = "{\"uuid\":\"01234567-89AB-CDEF-0123-456789ABCDEF\","
			   "\"plan\":\"Basic\",\"region\":\"EU\"}";

	assert_text(read_well("3", body).key, UUID);
	assert_text(read_well("1", body).key, UUID);
	assert_text(read_well("3", body).plan, "Basic");
	assert_text(read_well("3", body).region, "EU");
}

static void unknown_members_are_ignored(void)
{
	struct provision_request request =
		read_well("3",
			  "{\"uuid\":\"" UUID "\",\"plan\":\"a\","
			  "\"Plan\":7,\"heroku_id\":7,\"new\":[{}]}");

	assert_text(request.plan, "a");
}

/* ---- member by member ---- */

/* A body with all required members, and with this one replaced or added. */
static const struct json *body_with(const char *member, const char *value)
{
	const char *body = "";

	if (strcmp(member, "uuid") != 0)
		body = "\"uuid\":\"" UUID "\",";
	if (strcmp(member, "plan") != 0)
		body = arena_printf(arena, "%s\"plan\":\"basic\",", body);
	if (value)
		body = arena_printf(arena, "%s\"%s\":%s,", body, member, value);
	body = arena_printf(arena, "{%s\"end\":0}", body);
	return parse(body);
}

/* A JSON text of count characters, each of two bytes. */
static const char *text_of(int characters)
{
	char *text = arena_alloc(arena, (size_t)characters * 2 + 3);

	text[0] = '"';
	for (int i = 0; i < characters; i++)
		memcpy(text + 1 + 2 * i, "\xc3\xbc", 2);
	text[1 + 2 * characters] = '"';
	return text;
}

static void assert_read(const struct dialect *dialect, const char *member,
			const char *value, bool expected)
{
	struct provision_request request;
	const char *message = NULL;
	enum outcome outcome = dialect_read_provision(
		dialect, arena, body_with(member, value), &request, &message);

	if ((outcome == OUTCOME_OK) != expected)
		fail_msg("%s of %.40s: %s", member, unit_text(value),
			 outcome_name(outcome));
	if (expected)
		return;
	assert_string_equal(outcome_name(outcome), "invalid");
	assert_contains(message, arena_printf(arena, "\"%s\"", member));
	assert_int_equal(message[strlen(message) - 1], '.');
	if (value && strlen(value) > 2)
		assert_lacks(message, value);
}

static struct member_row {
	const char *name;
	const char *version;
	const char *member;
	bool is_required;
	int shortest, longest; /* of a text; longest 0: not a text */
} members[] = {
	{ "version 3 needs a uuid", "3", "uuid", true, 0, 0 },
	{ "version 3 needs a plan of 1 to 64 characters", "3", "plan", true, 1,
	  64 },
	{ "version 3 takes a region of 255 characters", "3", "region", false, 0,
	  255 },
	{ "version 3 takes a name of 255 characters", "3", "name", false, 0,
	  255 },
	{ "version 3 takes options", "3", "options", false, 0, 0 },
	{ "version 3 takes an oauth_grant", "3", "oauth_grant", false, 0, 0 },
	{ "version 3 takes a callback_url of 2048 characters", "3",
	  "callback_url", false, 0, 2048 },
	{ "version 3 takes a log_input_url of 2048 characters", "3",
	  "log_input_url", false, 0, 2048 },
	{ "version 3 takes a log_drain_token of 255 characters", "3",
	  "log_drain_token", false, 0, 255 },
	{ "version 1 takes a uuid", "1", "uuid", false, 0, 0 },
	{ "version 1 needs a plan of 1 to 64 characters", "1", "plan", true, 1,
	  64 },
	{ "version 1 takes a region of 255 characters", "1", "region", false, 0,
	  255 },
	{ "version 1 takes options", "1", "options", false, 0, 0 },
	{ "version 1 takes a heroku_id of 255 characters", "1", "heroku_id",
	  false, 0, 255 },
	{ "version 1 takes a callback_url of 2048 characters", "1",
	  "callback_url", false, 0, 2048 },
	{ "version 1 takes a log_input_url of 2048 characters", "1",
	  "log_input_url", false, 0, 2048 },
	{ "version 1 takes a log_drain_token of 255 characters", "1",
	  "log_drain_token", false, 0, 255 },
	{ "version 1 takes a logplex_token of 255 characters", "1",
	  "logplex_token", false, 0, 255 },
};

static void assert_types(const struct member_row *row)
{
	static const char *const others[] = { "7",     "7.5", "true",
					      "false", "[]",  "[\"a\"]" };
	const struct dialect *dialect = heroku(row->version);

	for (size_t i = 0; i < COUNT(others); i++)
		assert_read(dialect, row->member, others[i], false);
	assert_read(dialect, row->member, row->longest > 0 ? "{}" : "\"text\"",
		    false);
}

static void assert_lengths(const struct member_row *row)
{
	const struct dialect *dialect = heroku(row->version);

	assert_read(dialect, row->member, "\"\"", row->shortest == 0);
	assert_read(dialect, row->member, text_of(1), true);
	assert_read(dialect, row->member, text_of(row->longest), true);
	assert_read(dialect, row->member, text_of(row->longest + 1), false);
}

static void member_keeps_to_its_rules(void **state)
{
	const struct member_row *row = *state;
	const struct dialect *dialect = heroku(row->version);

	assert_read(dialect, row->member, NULL, !row->is_required);
	assert_read(dialect, row->member, "null", !row->is_required);
	assert_types(row);
	if (row->longest > 0)
		assert_lengths(row);
}

static void every_member_is_tested(void)
{
	static const char *const versions[] = { "1", "3" };
	size_t count = 0;

	for (size_t i = 0; i < COUNT(versions); i++)
		for (const struct dialect_field *field =
			     heroku(versions[i])->fields;
		     field->name; field++)
			count++;
	assert_int_equal(count, COUNT(members));
}

static struct value_row {
	const char *name;
	const char *member;
	const char *value;
	bool expected;
} values[] = {
	{ "a uuid in braces is refused", "uuid", "\"{" UUID "}\"", false },
	{ "a uuid without dashes is refused", "uuid",
	  "\"0123456789abcdef0123456789abcdef\"", false },
	{ "a uuid with a blank is refused", "uuid", "\" " UUID "\"", false },
	{ "an empty uuid is refused", "uuid", "\"\"", false },
	{ "a number for a uuid is refused", "uuid", "999", false },

	{ "an empty object of options is accepted", "options", "{}", true },
	{ "options that are strings are accepted", "options",
	  "{\"a\":\"1\",\"b\":\"\"}", true },
	{ "an option that is a number is refused", "options", "{\"a\":1}",
	  false },
	{ "an option that is true is refused", "options", "{\"a\":true}",
	  false },
	{ "an option that is null is refused", "options", "{\"a\":null}",
	  false },
	{ "an option that is an object is refused", "options", "{\"a\":{}}",
	  false },
	{ "an option that is an array is refused", "options", "{\"a\":[\"b\"]}",
	  false },
	{ "one wrong option among others is refused", "options",
	  "{\"a\":\"1\",\"b\":\"2\",\"c\":3}", false },
	{ "an empty array for options is refused", "options", "[]", false },

	{ "an empty grant is accepted", "oauth_grant", "{}", true },
	{ "a grant with null members is accepted", "oauth_grant",
	  "{\"code\":null,\"expires_at\":null,\"type\":null}", true },
	{ "a grant needs only a code", "oauth_grant", "{\"code\":\"c\"}",
	  true },
	{ "a grant may expire in UTC", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"2016-03-03T18:01:31Z\"}", true },
	{ "a grant may expire with a colon in its offset", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"2016-03-03T18:01:31-08:00\"}",
	  true },
	{ "a grant may expire without a colon in its offset", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"2016-03-03T18:01:31-0800\"}",
	  true },
	{ "a grant may expire within a second", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"2016-03-03T18:01:31.000Z\"}",
	  true },
	{ "a grant does not expire in words", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"soon\"}", false },
	{ "a grant does not expire in seconds since 1970", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":1457056891}", false },
	{ "a grant does not expire on an impossible day", "oauth_grant",
	  "{\"code\":\"c\",\"expires_at\":\"2023-02-29T00:00:00Z\"}", false },
	{ "a grant's code must be a string", "oauth_grant", "{\"code\":7}",
	  false },
	{ "a grant's code must not be empty", "oauth_grant", "{\"code\":\"\"}",
	  false },
	{ "a grant's type must be a string", "oauth_grant",
	  "{\"code\":\"c\",\"type\":7}", false },
	{ "a grant without a code must be well formed too", "oauth_grant",
	  "{\"expires_at\":7}", false },
	{ "a grant may have more members", "oauth_grant",
	  "{\"code\":\"c\",\"more\":7}", true },
};

static void value_is_as_expected(void **state)
{
	const struct value_row *row = *state;

	assert_read(heroku("3"), row->member, row->value, row->expected);
	if (strcmp(row->member, "oauth_grant") != 0)
		assert_read(heroku("1"), row->member, row->value,
			    row->expected);
}

static void grant_codes_have_255_characters(void)
{
	assert_read(heroku("3"), "oauth_grant",
		    arena_printf(arena, "{\"code\":%s}", text_of(255)), true);
	assert_read(heroku("3"), "oauth_grant",
		    arena_printf(arena, "{\"code\":%s}", text_of(256)), false);
}

static const char *many_options(int count)
{
	const char *options = "\"0\":\"\"";

	for (int i = 1; i < count; i++)
		options = arena_printf(arena, "%s,\"%d\":\"\"", options, i);
	return arena_printf(arena, "{%s}", options);
}

static void options_are_64_at_most(void)
{
	assert_read(heroku("3"), "options", many_options(64), true);
	assert_read(heroku("3"), "options", many_options(65), false);
	assert_read(heroku("1"), "options", many_options(65), false);
}

/* ---- digests ---- */

#define REQUEST(members) "{\"uuid\":\"" UUID "\"," members "}"

static struct digest_row {
	const char *name;
	const char *a, *b;
	bool is_equal;
} digests[] = {
	{ "the order of options does not matter",
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\",\"b\":\"2\"}"),
	  REQUEST("\"plan\":\"p\",\"options\":{\"b\":\"2\",\"a\":\"1\"}"),
	  true },
	{ "the order of members does not matter",
	  REQUEST("\"plan\":\"p\",\"region\":\"r\",\"options\":{}"),
	  REQUEST("\"options\":{},\"region\":\"r\",\"plan\":\"p\""), true },
	{ "spelling with escapes does not matter",
	  REQUEST("\"plan\":\"\xc3\xbc\",\"options\":{\"a\":\"1\"}"),
	  REQUEST("\"pl\\u0061n\":\"\\u00fc\",\"options\":{\"\\u0061\":\"1\"}"),
	  true },
	{ "a null region equals an absent one", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"p\",\"region\":null"), true },
	{ "null options equal absent ones", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"p\",\"options\":null"), true },
	{ "empty options equal absent ones", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"p\",\"options\":{}"), true },
	{ "name and URLs do not matter", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"p\",\"name\":\"n\",\"callback_url\":\"u\","
		  "\"log_input_url\":\"l\",\"log_drain_token\":\"t\""),
	  true },
	{ "another grant does not matter",
	  REQUEST("\"plan\":\"p\",\"oauth_grant\":{\"code\":\"1\"}"),
	  REQUEST("\"plan\":\"p\",\"oauth_grant\":{\"code\":\"2\"}"), true },
	{ "another plan differs", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"q\""), false },
	{ "the plan in capitals differs", REQUEST("\"plan\":\"p\""),
	  REQUEST("\"plan\":\"P\""), false },
	{ "another region differs", REQUEST("\"plan\":\"p\",\"region\":\"us\""),
	  REQUEST("\"plan\":\"p\",\"region\":\"eu\""), false },
	{ "no region differs", REQUEST("\"plan\":\"p\",\"region\":\"us\""),
	  REQUEST("\"plan\":\"p\""), false },
	{ "an option's other value differs",
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\"}"),
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"2\"}"), false },
	{ "an option's other name differs",
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\"}"),
	  REQUEST("\"plan\":\"p\",\"options\":{\"b\":\"1\"}"), false },
	{ "one more option differs",
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\"}"),
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\",\"b\":\"1\"}"),
	  false },
	{ "exchanged values differ",
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"1\",\"b\":\"2\"}"),
	  REQUEST("\"plan\":\"p\",\"options\":{\"a\":\"2\",\"b\":\"1\"}"),
	  false },
	{ "plan and region are not confused",
	  REQUEST("\"plan\":\"p\",\"region\":\"q\""),
	  REQUEST("\"plan\":\"q\",\"region\":\"p\""), false },
	{ "text cannot pass for structure",
	  REQUEST("\"plan\":\"p\\\",\\\"region\\\":\\\"r\""),
	  REQUEST("\"plan\":\"p\",\"region\":\"r\""), false },
};

static void digest_is_as_expected(void **state)
{
	const struct digest_row *row = *state;
	struct provision_request a = read_well("3", row->a);
	struct provision_request b = read_well("3", row->b);
	struct provision_request old = read_well("1", row->a);

	assert_int_equal(strlen(a.digest), DIGEST_SHA256_HEX);
	assert_bool(strcmp(a.digest, b.digest) == 0, row->is_equal);
	/* A manifest may change its version; its resources stay. */
	assert_string_equal(a.digest, old.digest);
}

/* Rows keep digests.  printf %s JSON | sha256sum */
static void an_old_digest_is_the_same(void)
{
	assert_string_equal(
		read_well("3", REQUEST("\"plan\":\"basic\"")).digest,
		"6908319a148fdcce86592b1d081d7c6028b906f0cf4ac9cfe9"
		"1341d4c895386e");
	assert_string_equal(
		read_well(
			"3",
			REQUEST("\"region\":\"amazon-web-services::us-east-1\","
				"\"options\":{\"b\":\"2\",\"a\":\"1\"},"
				"\"plan\":\"basic\""))
			.digest,
		"3e0d5dcbbba3e1998a19d6c095b99cf1bbbbc970664672bac1459e5b210004"
		"71");
}

/* ---- plan changes ---- */

static struct plan_row {
	const char *name;
	const char *body;
	const char *expected; /* NULL: refused */
} plans[] = {
	{ "a plan is read", "{\"plan\":\"premium\"}", "premium" },
	{ "a plan of one character is read", "{\"plan\":\"p\"}", "p" },
	{ "a plan may have non-ASCII characters", "{\"plan\":\"\\u00fc\"}",
	  "\xc3\xbc" },
	{ "other members do not matter, whatever they are",
	  "{\"plan\":\"premium\",\"uuid\":7,\"heroku_id\":\"a\","
	  "\"options\":[]}",
	  "premium" },
	{ "a missing plan is refused", "{}", NULL },
	{ "a null plan is refused", "{\"plan\":null}", NULL },
	{ "an empty plan is refused", "{\"plan\":\"\"}", NULL },
	{ "a number for a plan is refused", "{\"plan\":7}", NULL },
	{ "an object for a plan is refused", "{\"plan\":{\"name\":\"p\"}}",
	  NULL },
	{ "a plan in capitals is missing", "{\"PLAN\":\"premium\"}", NULL },
	{ "a plan of 65 characters is refused",
	  "{\"plan\":\"01234567890123456789012345678901"
	  "234567890123456789012345678901234\"}",
	  NULL },
	{ "a plan of 64 characters is read",
	  "{\"plan\":\"01234567890123456789012345678901"
	  "23456789012345678901234567890123\"}",
	  "0123456789012345678901234567890123456789012345678901234567890123" },
};

static void plan_is_as_expected(void **state)
{
	static const char *const versions[] = { "1", "3" };
	const struct plan_row *row = *state;

	for (size_t i = 0; i < COUNT(versions); i++) {
		const char *plan = NULL, *message = NULL;
		enum outcome outcome =
			dialect_read_plan(heroku(versions[i]), arena,
					  parse(row->body), &plan, &message);

		assert_string_equal(outcome_name(outcome),
				    row->expected ? "ok" : "invalid");
		assert_text(plan, row->expected);
		if (!row->expected)
			assert_contains(message, "\"plan\"");
	}
}

/* ---- responses ---- */

static struct response_row {
	const char *name;
	struct dialect_response response;
	const char *config;
	const char *expected;
} responses[] = {
	{ "a response has its members in a fixed order",
	  { .id = UUID, .message = "Ready.", .log_drain_url = "syslog://h:1" },
	  "{\"B_URL\":\"https://b\",\"A\":\"\"}",
	  "{\"id\":\"" UUID "\",\"config\":{\"B_URL\":\"https://b\","
	  "\"A\":\"\"},\"message\":\"Ready.\","
	  "\"log_drain_url\":\"syslog://h:1\"}" },
	{ "a member that is NULL is left out",
	  { .id = UUID },
	  NULL,
	  "{\"id\":\"" UUID "\"}" },
	{ "an empty config is written",
	  { .id = UUID },
	  "{}",
	  "{\"id\":\"" UUID "\",\"config\":{}}" },
	{ "a message alone is written",
	  { .message = "Changed." },
	  NULL,
	  "{\"message\":\"Changed.\"}" },
	{ "a text is escaped",
	  { .message = "\"\n\xc3\xbc" },
	  NULL,
	  "{\"message\":\"\\\"\\n\xc3\xbc\"}" },
	{ "an empty response is an empty object", { 0 }, NULL, "{}" },
};

static void response_is_as_expected(void **state)
{
	const struct response_row *row = *state;
	struct dialect_response response = row->response;

	response.config = row->config ? parse(row->config) : NULL;
	assert_string_equal(dialect_write_response(arena, &response),
			    row->expected);
	assert_string_equal(dialect_write_response(arena, &response),
			    row->expected);
}

static struct unit_check checks[] = {
	{ "a request of version 3 is read whole", version_3_is_read_whole },
	{ "a request of version 3 needs little", version_3_needs_little },
	{ "a request of version 1 is read whole", version_1_is_read_whole },
	{ "a request of version 1 needs only a plan",
	  version_1_needs_only_a_plan },
	{ "a key is stored in lower case, and nothing else is",
	  a_key_is_stored_in_lower_case },
	{ "unknown members are ignored", unknown_members_are_ignored },
	{ "every member of every version is tested", every_member_is_tested },
	{ "a grant's code has 255 characters at most",
	  grant_codes_have_255_characters },
	{ "options are 64 at most", options_are_64_at_most },
	{ "a digest of an earlier release is the same",
	  an_old_digest_is_the_same },
};

int main(void)
{
	UNIT_ROWS(finds, dialect_is_as_expected);
	UNIT_ROWS(statuses, statuses_are_as_expected);
	UNIT_ROWS(members, member_keeps_to_its_rules);
	UNIT_ROWS(values, value_is_as_expected);
	UNIT_ROWS(digests, digest_is_as_expected);
	UNIT_ROWS(plans, plan_is_as_expected);
	UNIT_ROWS(responses, response_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("dialect");
}
