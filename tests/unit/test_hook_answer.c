#include "parse.h"

#include "lib/addon/addon.h"
#include "lib/base/utf8.h"
#include "lib/listener/answer_rules.h"
#include "lib/listener/hook_answer.h"

/* ---- verdicts ---- */

#define FILE_NAME "/addon/hooks/x"

static struct listener_answer judge(enum listener_action action,
				    bool drains_logs, int status,
				    const char *output)
{
	const struct addon addon = {
		.home = "/addon",
		.manifest = "addon-manifest.json",
		.config_vars = parse("[\"DB_URL\",\"DB_TOKEN\"]"),
		.drains_logs = drains_logs,
		.drains_by_syslog = drains_logs,
	};
	const struct listener_call call = { .addon = &addon, .action = action };
	struct listener_answer result = hook_answer_read(
		arena, &call, FILE_NAME, status, output, strlen(output));

	if ((result.verdict == LISTENER_FAILED
	     || result.verdict == LISTENER_FAILED_FOR_GOOD)
	    != (result.why != NULL))
		fail_msg("verdict %d, and why is %s", (int)result.verdict,
			 unit_text(result.why));
	if (result.why)
		assert_contains(result.why, FILE_NAME ": ");
	return result;
}

static struct status_row {
	const char *name;
	int status;
	const char *output;
	enum listener_verdict verdict;
} statuses[] = {
	{ "0 is done", 0, "{}", LISTENER_DONE },
	{ "0 and an empty answer is done", 0, "", LISTENER_DONE },
	{ "65 is refused", 65, "", LISTENER_REFUSED },
	{ "65 with an incomplete answer is a failure", 65, "{\"m",
	  LISTENER_FAILED },
	{ "70 is a failure for good", 70, "", LISTENER_FAILED_FOR_GOOD },
	{ "70 with an incomplete answer is final, too", 70, "{\"m",
	  LISTENER_FAILED_FOR_GOOD },
	{ "75 with a time is pending", 75, "{\"retry_after\":5}",
	  LISTENER_PENDING },
	{ "75 with time 0 is pending", 75, "{\"retry_after\":0}",
	  LISTENER_PENDING },
	{ "75 without a time is a failure", 75, "{}", LISTENER_FAILED },
	{ "75 with null is a failure", 75, "{\"retry_after\":null}",
	  LISTENER_FAILED },
	{ "1 is a failure", 1, "{}", LISTENER_FAILED },
	{ "127 is a failure", 127, "", LISTENER_FAILED },
	{ "255 is a failure", 255, "{}", LISTENER_FAILED },
	{ "-1 is a failure", -1, "{}", LISTENER_FAILED },
};

static void status_has_verdict(void **state)
{
	const struct status_row *row = *state;

	assert_int_equal(
		judge(LISTENER_PROVISION, false, row->status, row->output)
			.verdict,
		row->verdict);
}

/* ---- answers ---- */

/* The action is a provision by default. */
static struct answer_row {
	const char *name;
	const char *output;
	const char *why; /* a part of it; NULL: the answer is valid */
	enum listener_action action;
	bool drains_logs;
	int times; /* for the @ of output; 0: it has none */
} answers[] = {
	{ .name = "an id is valid", .output = "{\"id\":\"db/47 \u00fc\"}" },
	{ .name = "a whole number is an id", .output = "{\"id\":-4711}" },
	{ .name = "an id has a character",
	  .output = "{\"id\":\"\"}",
	  .why = "id must be 1 to 255 characters" },
	{ .name = "an id of 255 characters is valid",
	  .output = "{\"id\":\"@\"}",
	  .times = 255 },
	{ .name = "a longer id is refused",
	  .output = "{\"id\":\"@\"}",
	  .why = "id must be 1 to 255 characters",
	  .times = 256 },
	{ .name = "an id has no line break",
	  .output = "{\"id\":\"a\\nb\"}",
	  .why = "id must be 1 to 255 characters" },
	{ .name = "an id is not a step in a path",
	  .output = "{\"id\":\"..\"}",
	  .why = "id must be 1 to 255 characters" },
	{ .name = "half of a number is not an id",
	  .output = "{\"id\":4.5}",
	  .why = "id must be a string, or a whole number" },
	{ .name = "a number that is not exact is not an id",
	  .output = "{\"id\":9007199254740994}",
	  .why = "id must be a string, or a whole number" },
	{ .name = "an id is a text",
	  .output = "{\"id\":true}",
	  .why = "id must be a string, or a whole number" },
	{ .name = "a plan change does not set an id",
	  .output = "{\"id\":false}",
	  .action = LISTENER_CHANGE_PLAN },
	{ .name = "declared config vars are valid",
	  .output = "{\"config\":{\"DB_URL\":\"a\",\"DB_TOKEN\":\"\"}}" },
	{ .name = "no config vars are valid", .output = "{\"config\":{}}" },
	{ .name = "a line break in a config var is valid",
	  .output = "{\"config\":{\"DB_TOKEN\":\"a\\nb\"}}" },
	{ .name = "null means absent",
	  .output = "{\"config\":null,\"message\":null,"
		    "\"log_drain_url\":null,\"retry_after\":null,"
		    "\"redirect\":null,\"session\":null}" },
	{ .name = "an undeclared config var is refused",
	  .output = "{\"config\":{\"OTHER\":\"s3cret\"}}",
	  .why = "config.OTHER is not in config_vars of "
		 "/addon/addon-manifest.json: add" },
	{ .name = "config vars are case-sensitive",
	  .output = "{\"config\":{\"db_url\":\"s3cret\"}}",
	  .why = "config.db_url is not in config_vars" },
	{ .name = "a config var must be a string",
	  .output = "{\"config\":{\"DB_URL\":null}}",
	  .why = "config.DB_URL must be a string" },
	{ .name = "an empty URL is refused",
	  .output = "{\"config\":{\"DB_URL\":\"\"}}",
	  .why = "config.DB_URL must not be empty, since its name ends in "
		 "_URL: leave it out" },
	{ .name = "a config var of 32 KiB is valid",
	  .output = "{\"config\":{\"DB_URL\":\"@\"}}",
	  .times = 32768 },
	{ .name = "a longer one is refused",
	  .output = "{\"config\":{\"DB_URL\":\"@\"}}",
	  .why = "config.DB_URL must be at most 32 KiB",
	  .times = 32769 },
	{ .name = "config must be an object",
	  .output = "{\"config\":[]}",
	  .why = "config must be an object of strings" },
	{ .name = "a message of 1 KiB is valid",
	  .output = "{\"message\":\"@\"}",
	  .times = 1024 },
	{ .name = "a longer message is refused",
	  .output = "{\"message\":\"@\"}",
	  .why = "message must be a sentence",
	  .times = 1025 },
	{ .name = "a message has no line break",
	  .output = "{\"message\":\"a\\nb\"}",
	  .why = "message must be a sentence" },
	{ .name = "a message has no C1 control character",
	  .output = "{\"message\":\"a\\u0085b\"}",
	  .why = "message must be a sentence" },
	{ .name = "a message may have letters outside ASCII",
	  .output = "{\"message\":\"gr\\u00fc\xc3\x9f\"}" },
	{ .name = "a message must be a string",
	  .output = "{\"message\":1}",
	  .why = "message must be a sentence" },
	{ .name = "a log drain is valid if the manifest requires it",
	  .output = "{\"log_drain_url\":\"syslog://x:1\"}",
	  .drains_logs = true },
	{ .name = "a log drain is required then",
	  .output = "{}",
	  .why = "log_drain_url is missing",
	  .drains_logs = true },
	{ .name = "a plan change requires none",
	  .output = "{}",
	  .action = LISTENER_CHANGE_PLAN,
	  .drains_logs = true },
	{ .name = "a log drain must be a URL",
	  .output = "{\"log_drain_url\":\"http://x\"}",
	  .why = "log_drain_url must be a URL",
	  .drains_logs = true },
	{ .name = "a log drain has a host",
	  .output = "{\"log_drain_url\":\"https://\"}",
	  .why = "log_drain_url must be a URL",
	  .drains_logs = true },
	{ .name = "a log drain needs a manifest that says so",
	  .output = "{\"log_drain_url\":\"https://x\"}",
	  .why = "add syslog_drain" },
	{ .name = "an hour is a valid time",
	  .output = "{\"retry_after\":3600}" },
	{ .name = "more than an hour is refused",
	  .output = "{\"retry_after\":3601}",
	  .why = "retry_after must be a number of seconds up to 3600" },
	{ .name = "a negative time is refused",
	  .output = "{\"retry_after\":-1}",
	  .why = "retry_after must be" },
	{ .name = "half a second is refused",
	  .output = "{\"retry_after\":0.5}",
	  .why = "retry_after must be" },
	{ .name = "a string is refused as a time",
	  .output = "{\"retry_after\":\"5\"}",
	  .why = "retry_after must be" },
	{ .name = "an infinite time is refused",
	  .output = "{\"retry_after\":1e999}",
	  .why = "retry_after must be" },
	{ .name = "a sign-on has a redirect and a session",
	  .output = "{\"redirect\":\"https://x/\",\"session\":{\"a\":\"b\"}}",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect is https",
	  .output = "{\"redirect\":\"http://x\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect has no blank",
	  .output = "{\"redirect\":\"https://x y\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect has no line break",
	  .output = "{\"redirect\":\"https://x\\r\\nSet-Cookie: a\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect may have a single quote",
	  .output = "{\"redirect\":\"https://x/O'Neil\"}",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect may have brackets",
	  .output = "{\"redirect\":\"https://[::1]:1/?a[]=b\"}",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect is ASCII",
	  .output = "{\"redirect\":\"https://x/\xc3\xbc\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect has whole percent-encodings",
	  .output = "{\"redirect\":\"https://x/%4\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect has a host",
	  .output = "{\"redirect\":\"https:///x\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a port without a host",
	  .output = "{\"redirect\":\"https://:443/x\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect names no user",
	  .output = "{\"redirect\":\"https://jane:s3cret@x\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect may have an at sign after the host",
	  .output = "{\"redirect\":\"https://x/@jane\"}",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a redirect of 2 KiB is valid",
	  .output = "{\"redirect\":\"https://@\"}",
	  .action = LISTENER_SIGN_ON,
	  .times = 2040 },
	{ .name = "a longer one is not",
	  .output = "{\"redirect\":\"https://@\"}",
	  .why = "redirect must be a URL",
	  .action = LISTENER_SIGN_ON,
	  .times = 2041 },
	{ .name = "a log drain may name a user",
	  .output = "{\"log_drain_url\":\"https://u:p@x\"}",
	  .drains_logs = true },
	{ .name = "a log drain is ASCII",
	  .output = "{\"log_drain_url\":\"https://x/\xc3\xbc\"}",
	  .why = "log_drain_url must be a URL",
	  .drains_logs = true },
	{ .name = "a session has only strings",
	  .output = "{\"session\":{\"a\":1}}",
	  .why = "session must be an object of strings",
	  .action = LISTENER_SIGN_ON },
	{ .name = "a session of 768 bytes is valid",
	  .output = "{\"session\":{\"a\":\"@\"}}",
	  .action = LISTENER_SIGN_ON,
	  .times = 760 },
	{ .name = "a longer session is refused",
	  .output = "{\"session\":{\"a\":\"@\"}}",
	  .why = "session must be at most 768 bytes",
	  .action = LISTENER_SIGN_ON,
	  .times = 761 },
	{ .name = "a rotation has config vars",
	  .output = "{\"config\":{\"DB_TOKEN\":\"new\"}}",
	  .action = LISTENER_ROTATE },
	{ .name = "a rotation has declared config vars only",
	  .output = "{\"config\":{\"FOREIGN\":\"s3cret\"}}",
	  .why = "config.FOREIGN is not in config_vars",
	  .action = LISTENER_ROTATE },
	{ .name = "a rotation without config vars is refused",
	  .output = "{}",
	  .why = "config is missing",
	  .action = LISTENER_ROTATE },
	{ .name = "a member without a meaning for the action is ignored",
	  .output = "{\"config\":1,\"log_drain_url\":2}",
	  .action = LISTENER_DEPROVISION },
	{ .name = "a provision ignores the members of a sign-on",
	  .output = "{\"redirect\":1,\"session\":2}" },
	{ .name = "an unknown member is refused",
	  .output = "{\"confg\":{}}",
	  .why = "confg is unknown",
	  .action = LISTENER_DEPROVISION },
	{ .name = "an incomplete answer is refused",
	  .output = "{\"config\":{",
	  .why = "is not valid JSON: line 1: " },
	{ .name = "two answers are refused",
	  .output = "{}\n{}",
	  .why = "is not valid JSON: line 2: " },
	{ .name = "a repeated member is refused",
	  .output = "{\"config\":{\"DB_URL\":\"a\",\"DB_URL\":\"b\"}}",
	  .why = "two members with the same name" },
	{ .name = "an answer is UTF-8",
	  .output = "{\"message\":\"\xff\"}",
	  .why = "is not valid JSON" },
	{ .name = "an answer is an object",
	  .output = "\"done\"",
	  .why = "must be a JSON object" },
};

static void answer_is_judged(void **state)
{
	const struct answer_row *row = *state;
	const char *output = row->output;
	const char *at = row->times > 0 ? strchr(output, '@') : NULL;
	struct listener_answer result;

	if (at)
		output = arena_printf(
			arena, "%.*s%s%s", (int)(at - output), output,
			unit_repeat("x", (size_t)row->times), at + 1);
	result = judge(row->action, row->drains_logs, 0, output);
	if (!row->why) {
		assert_text(result.why, NULL);
		return;
	}
	assert_int_equal(result.verdict, LISTENER_FAILED);
	assert_contains(result.why, row->why);
	assert_lacks(result.why, "s3cret");
	assert_null(result.stored.config);
}

/* ---- results ---- */

static void an_answer_is_read_whole(void)
{
	struct listener_answer result =
		judge(LISTENER_PROVISION, true, 0,
		      "{\"config\":{\"DB_URL\":\"u\"},\"message\":\"m\","
		      "\"log_drain_url\":\"https://l\",\"retry_after\":7}");

	assert_text(json_print(arena, result.stored.config),
		    "{\"DB_URL\":\"u\"}");
	assert_text(result.message, "m");
	assert_text(result.log_drain_url, "https://l");
	assert_int_equal(result.retry_after, 7);
	assert_text(judge(LISTENER_PROVISION, false, 0, "{\"id\":\"db-1\"}").id,
		    "db-1");
	assert_text(judge(LISTENER_PROVISION, false, 0, "{\"id\":4711}").id,
		    "4711");
	assert_null(
		judge(LISTENER_ROTATE, false, 0, "{\"id\":\"x\",\"config\":{}}")
			.id);
	result = judge(LISTENER_SIGN_ON, true, 0,
		       "{\"redirect\":\"https://r\",\"session\":{}}");
	assert_text(result.redirect, "https://r");
	assert_text(json_print(arena, result.session), "{}");
}

static void absent_members_are_null(void)
{
	struct listener_answer result = judge(LISTENER_PROVISION, false, 0, "");

	assert_null(result.stored.config);
	assert_null(result.message);
	assert_null(result.log_drain_url);
	assert_null(result.redirect);
	assert_null(result.session);
	assert_false(result.may_still_run);
}

static void a_refusal_always_has_a_sentence(void)
{
	assert_text(
		judge(LISTENER_PROVISION, false, 65, "{\"message\":\"No.\"}")
			.message,
		"No.");
	assert_text(judge(LISTENER_PROVISION, false, 65, "{\"message\":\"\"}")
			    .message,
		    "The add-on cannot provide what was requested.");
	assert_text(judge(LISTENER_CHANGE_PLAN, false, 65, "").message,
		    "The plan cannot be changed to the requested one.");
	assert_text(judge(LISTENER_ROTATE, false, 65, "").message,
		    "The credentials cannot be rotated.");
	assert_text(judge(LISTENER_RESTORE, false, 65, "").message,
		    "The resource cannot be restored.");
	assert_text(judge(LISTENER_MOVE, false, 65, "").message,
		    "The resource cannot be moved.");
}

static void a_drain_without_syslog_has_an_https_url(void)
{
	const struct addon addon = { .drains_logs = true };

	assert_null(answer_rules_log_drain_url(&addon, arena, "https://x/y"));
	assert_contains(
		answer_rules_log_drain_url(&addon, arena, "syslog://x:1"),
		"begins with https://");
}

static void an_action_without_code_is_done_or_refused(void)
{
	for (int i = 0; i < LISTENER_ACTIONS; i++) {
		enum listener_action action = (enum listener_action)i;
		struct listener_answer answer =
			hook_answer_no_code(action, RESOURCE_PROVISIONED);
		bool is_refused = action == LISTENER_CHANGE_PLAN
			|| action == LISTENER_ROTATE
			|| action == LISTENER_RESTORE
			|| action == LISTENER_MOVE;

		assert_int_equal(answer.verdict,
				 is_refused ? LISTENER_REFUSED : LISTENER_DONE);
		assert_bool(answer.message, is_refused);
	}
	assert_int_equal(
		hook_answer_no_code(LISTENER_MOVE, RESOURCE_PROVISIONING)
			.verdict,
		LISTENER_DONE);
}

static void a_restore_returns_all_config_vars(void)
{
	assert_contains(judge(LISTENER_RESTORE, false, 0, "{}").why,
			"config is missing: restore must return all");
	assert_non_null(judge(LISTENER_RESTORE, false, 0, "{\"config\":{}}")
				.stored.config);
}

static void a_refusal_needs_no_log_drain(void)
{
	assert_int_equal(judge(LISTENER_PROVISION, true, 65, "").verdict,
			 LISTENER_REFUSED);
	assert_int_equal(
		judge(LISTENER_PROVISION, true, 75, "{\"retry_after\":1}")
			.verdict,
		LISTENER_PENDING);
}

static void a_reason_stays_a_short_line(void)
{
	const char *name = unit_repeat("\xc3\xbc", 2000);
	struct listener_answer result =
		judge(LISTENER_PROVISION, false, 0,
		      arena_printf(arena, "{\"%s\":1}", name));

	assert_int_equal(strlen(result.why), 1024);
	assert_true(utf8_is_valid(result.why));
	assert_text(hook_answer_failure(arena, "f", "a\xff").why, "f: a?");
}

static struct unit_check checks[] = {
	{ "a reason stays a short line", a_reason_stays_a_short_line },
	{ "an answer is read whole", an_answer_is_read_whole },
	{ "absent members are NULL", absent_members_are_null },
	{ "a refusal always has a sentence", a_refusal_always_has_a_sentence },
	{ "a refusal needs no log drain", a_refusal_needs_no_log_drain },
	{ "a drain without syslog has an https URL",
	  a_drain_without_syslog_has_an_https_url },
	{ "an action without code is done or refused",
	  an_action_without_code_is_done_or_refused },
	{ "a restore returns all config vars",
	  a_restore_returns_all_config_vars },
};

int main(void)
{
	UNIT_ROWS(statuses, status_has_verdict);
	UNIT_ROWS(answers, answer_is_judged);
	UNIT_CHECKS(checks);
	return unit_run("hook_answer");
}
