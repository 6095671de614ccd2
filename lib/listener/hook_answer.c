#include "lib/listener/hook_answer.h"

#include <string.h>
#include <sysexits.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/listener/answer_rules.h"
#include "lib/text/json.h"

enum {
	LONGEST_WHY = 1024,  /* bytes */
	LONGEST_RETRY = 3600 /* s */
};

/* ---- failures ---- */

struct listener_answer hook_answer_failure(struct arena *arena,
					   const char *file, const char *why)
{
	const char *all = arena_printf(arena, "%s: %s", file, why);
	char *line = arena_strndup(arena, all, strnlen(all, LONGEST_WHY));

	utf8_repair(line);
	return (struct listener_answer){
		.verdict = LISTENER_FAILED,
		.why = line,
	};
}

struct listener_answer hook_answer_no_code(enum listener_action action,
					   enum resource_state state)
{
	if (action == LISTENER_CHANGE_PLAN)
		return (struct listener_answer){
			.verdict = LISTENER_REFUSED,
			.message = "The plan of this add-on cannot be changed.",
		};
	if (action == LISTENER_ROTATE)
		return (struct listener_answer){
			.verdict = LISTENER_REFUSED,
			.message = "The credentials of this add-on cannot be "
				   "rotated.",
		};
	if (action == LISTENER_RESTORE)
		return (struct listener_answer){
			.verdict = LISTENER_REFUSED,
			.message = "This add-on cannot restore a resource.",
		};
	if (action == LISTENER_MOVE && state != RESOURCE_PROVISIONING)
		return (struct listener_answer){
			.verdict = LISTENER_REFUSED,
			.message = "This add-on cannot move a resource.",
		};
	return (struct listener_answer){ .verdict = LISTENER_DONE };
}

/* ---- the answer ---- */

struct answer_reading {
	struct arena *arena;
	const struct listener_call *call;
	const char *file;
	struct listener_answer answer;
};

static bool fail_answer(struct answer_reading *reading, const char *why)
{
	reading->answer =
		hook_answer_failure(reading->arena, reading->file, why);
	return false;
}

static bool fail_answer_member(struct answer_reading *reading,
			       const char *member, const char *wrong)
{
	return fail_answer(reading,
			   arena_printf(reading->arena, "in its answer, %s %s",
					member, wrong));
}

/* Fail if wrong, the text of the rule that a member breaks, is not NULL. */
static bool keep_answer_rule(struct answer_reading *reading, const char *member,
			     const char *wrong)
{
	return !wrong || fail_answer_member(reading, member, wrong);
}

/* A number is kept as text: many vendors number their objects. */
static bool read_answer_id(struct answer_reading *reading,
			   const struct json *value)
{
	int64_t number = json_integer(value, INT64_MIN);

	reading->answer.id = number == INT64_MIN
		? json_text(value)
		: arena_number(reading->arena, number);
	if (!reading->answer.id)
		return fail_answer_member(
			reading, "id",
			"must be a string, or a whole number up to 2^53");
	return keep_answer_rule(reading, "id",
				answer_rules_id(reading->answer.id));
}

static bool read_answer_config_var(struct answer_reading *reading,
				   const struct json *var)
{
	const char *member =
		arena_printf(reading->arena, "config.%s", json_name(var));

	return keep_answer_rule(reading, member,
				answer_rules_config_name(reading->call->addon,
							 reading->arena,
							 json_name(var)))
		&& keep_answer_rule(reading, member,
				    answer_rules_config_value(json_name(var),
							      json_text(var)));
}

static bool read_answer_config(struct answer_reading *reading,
			       const struct json *value)
{
	const struct json *var;

	if (!json_is_object(value))
		return fail_answer_member(reading, "config",
					  "must be an object of strings");
	for (var = json_first(value); var; var = json_next(var))
		if (!read_answer_config_var(reading, var))
			return false;
	reading->answer.stored.config = value;
	return true;
}

static bool read_answer_message(struct answer_reading *reading,
				const struct json *value)
{
	const char *message = json_text(value);

	reading->answer.message = message && *message ? message : NULL;
	return keep_answer_rule(reading, "message",
				answer_rules_message(message));
}

static bool read_answer_log_drain_url(struct answer_reading *reading,
				      const struct json *value)
{
	if (!reading->call->addon->drains_logs)
		return fail_answer_member(reading, "log_drain_url",
					  "is for add-ons that drain logs: add "
					  "syslog_drain to the manifest's "
					  "requires, or set its log_drain, or "
					  "leave it out");
	reading->answer.log_drain_url = json_text(value);
	return keep_answer_rule(reading, "log_drain_url",
				answer_rules_log_drain_url(reading->call->addon,
							   reading->arena,
							   json_text(value)));
}

static bool read_answer_retry_after(struct answer_reading *reading,
				    const struct json *value)
{
	int64_t seconds = json_integer(value, -1);

	if (seconds < 0 || seconds > LONGEST_RETRY)
		return fail_answer_member(
			reading, "retry_after",
			"must be a number of seconds up to 3600");
	reading->answer.retry_after = (int)seconds;
	return true;
}

static bool read_answer_redirect(struct answer_reading *reading,
				 const struct json *value)
{
	reading->answer.redirect = json_text(value);
	return keep_answer_rule(
		reading, "redirect",
		answer_rules_redirect(reading->arena, json_text(value)));
}

static bool read_answer_session(struct answer_reading *reading,
				const struct json *value)
{
	reading->answer.session = value;
	return keep_answer_rule(reading, "session",
				answer_rules_session(reading->arena, value));
}

static const struct answer_member {
	const char *name;
	unsigned int actions; /* the actions for which it has a meaning */
	bool (*read)(struct answer_reading *reading, const struct json *value);
} answer_members[] = {
#define FOR(action) (1U << (action))
	{ "id", FOR(LISTENER_PROVISION), read_answer_id },
	{ "config",
	  FOR(LISTENER_PROVISION) | FOR(LISTENER_CHANGE_PLAN)
		  | FOR(LISTENER_ROTATE) | FOR(LISTENER_RESTORE)
		  | FOR(LISTENER_MOVE),
	  read_answer_config },
	{ "message", ~0U, read_answer_message },
	{ "log_drain_url", FOR(LISTENER_PROVISION) | FOR(LISTENER_CHANGE_PLAN),
	  read_answer_log_drain_url },
	{ "retry_after", ~0U, read_answer_retry_after },
	{ "redirect", FOR(LISTENER_SIGN_ON), read_answer_redirect },
	{ "session", FOR(LISTENER_SIGN_ON), read_answer_session },
};

static bool read_answer_member(struct answer_reading *reading,
			       const struct json *value)
{
	for (size_t i = 0; i < COUNT(answer_members); i++) {
		if (strcmp(answer_members[i].name, json_name(value)) != 0)
			continue;
		return json_is_null(value)
			|| !(answer_members[i].actions
			     & FOR(reading->call->action))
			|| answer_members[i].read(reading, value);
	}
	return fail_answer_member(
		reading, json_name(value),
		"is unknown: correct its spelling, or leave it out");
}

static bool read_answer_members(struct answer_reading *reading,
				const struct json *document)
{
	const struct json *member = json_first(document);

	while (member && read_answer_member(reading, member))
		member = json_next(member);
	return !member;
}

static const char *default_refusal(enum listener_action action)
{
	switch (action) {
	case LISTENER_CHANGE_PLAN:
		return "The plan cannot be changed to the requested one.";
	case LISTENER_ROTATE:
		return "The credentials cannot be rotated.";
	case LISTENER_RESTORE:
		return "The resource cannot be restored.";
	case LISTENER_MOVE:
		return "The resource cannot be moved.";
	default:
		return "The add-on cannot provide what was requested.";
	}
}

static bool has_answer_member(const struct json *document, const char *name)
{
	const struct json *member = json_member(document, name);

	return member && !json_is_null(member);
}

/* Check that the answer has the members that its verdict requires. */
static bool require_answer_members(struct answer_reading *reading,
				   const struct json *document)
{
	enum listener_action action = reading->call->action;
	struct listener_answer *answer = &reading->answer;

	if (answer->verdict == LISTENER_PENDING
	    && !has_answer_member(document, "retry_after"))
		return fail_answer(
			reading,
			"ended with exit status 75 and without "
			"retry_after, so it has failed this time: the log "
			"has what it wrote");
	if (answer->verdict == LISTENER_REFUSED && !answer->message)
		answer->message = default_refusal(action);
	if (answer->verdict != LISTENER_DONE)
		return true;
	if (action == LISTENER_PROVISION && reading->call->addon->drains_logs
	    && !answer->log_drain_url)
		return fail_answer_member(
			reading, "log_drain_url",
			"is missing, though the manifest says that the add-on "
			"drains logs: return it, or change that there");
	if (action == LISTENER_ROTATE && !answer->stored.config)
		return fail_answer_member(
			reading, "config",
			"is missing: rotate must return all config "
			"vars, with the new credentials");
	if (action == LISTENER_RESTORE && !answer->stored.config)
		return fail_answer_member(
			reading, "config",
			"is missing: restore must return all config "
			"vars, with which the content can be used");
	return true;
}

static bool read_answer_output(struct answer_reading *reading,
			       const char *output, size_t length)
{
	const char *why = "";
	const struct json *document = length > 0
		? json_parse(reading->arena, output, length, &why)
		: json_object(reading->arena);

	if (!document)
		return fail_answer(
			reading,
			arena_printf(reading->arena,
				     "its answer is not valid JSON: %s: "
				     "write one object to standard output, "
				     "and all else to standard error",
				     why));
	if (!json_is_object(document))
		return fail_answer(reading, "its answer must be a JSON object");
	return read_answer_members(reading, document)
		&& require_answer_members(reading, document);
}

static struct listener_answer failed_with_status(struct arena *arena,
						 const char *file, int status)
{
	bool is_for_good = status == EX_SOFTWARE;
	struct listener_answer answer = hook_answer_failure(
		arena, file,
		arena_printf(arena,
			     "ended with exit status %d%s: the log has what it "
			     "wrote",
			     status,
			     is_for_good ? ", so it has failed for good" : ""));

	if (is_for_good)
		answer.verdict = LISTENER_FAILED_FOR_GOOD;
	return answer;
}

struct listener_answer hook_answer_read(struct arena *arena,
					const struct listener_call *call,
					const char *file, int status,
					const char *output, size_t length)
{
	struct answer_reading reading = { arena, call, file, { 0 } };

	switch (status) {
	case EX_OK:
		reading.answer.verdict = LISTENER_DONE;
		break;
	case EX_DATAERR:
		reading.answer.verdict = LISTENER_REFUSED;
		break;
	case EX_TEMPFAIL:
		reading.answer.verdict = LISTENER_PENDING;
		break;
	default:
		return failed_with_status(arena, file, status);
	}
	(void)!read_answer_output(&reading, output, length);
	return reading.answer;
}
