#include "lib/listener/hook_protocol.h"

#include <string.h>
#include <sysexits.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/answer_rules.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"

enum {
	LONGEST_WHY = 1024,  /* bytes */
	LONGEST_RETRY = 3600 /* s */
};

const char hook_no_change[] = "The plan of this add-on cannot be changed.";
const char hook_no_rotation[] =
	"The credentials of this add-on cannot be rotated.";

static const char *const action_names[HOOK_ACTIONS] = {
	[HOOK_PROVISION] = "provision",     [HOOK_CHANGE_PLAN] = "change-plan",
	[HOOK_DEPROVISION] = "deprovision", [HOOK_SIGN_ON] = "sign-on",
	[HOOK_ROTATE] = "rotate",
};

const char *hook_action_name(enum hook_action action)
{
	return action_names[action];
}

bool hook_action_named(const char *name, enum hook_action *action)
{
	for (int i = 0; i < HOOK_ACTIONS; i++) {
		if (strcmp(action_names[i], name) != 0)
			continue;
		*action = (enum hook_action)i;
		return true;
	}
	return false;
}

/* ---- what it is told ---- */

static void put_object(struct arena *arena, struct json *object,
		       const char *name, const struct json *value)
{
	json_put(object, name, value ? value : json_object(arena));
}

static const struct json *resource_of(struct arena *arena,
				      const struct addon *addon,
				      const struct hook_call *call)
{
	struct json *resource = json_object(arena);

	json_put_text(resource, "id", call->id);
	json_put_text(resource, "uuid", call->uuid);
	json_put_text(resource, "marketplace", addon->dialect->marketplace);
	json_put_text(resource, "addon", addon->id);
	json_put_text(resource, "plan", call->plan);
	json_put_text(resource, "old_plan", call->old_plan);
	json_put_text(resource, "region", call->region);
	json_put_text(resource, "name", call->name);
	put_object(arena, resource, "options", call->options);
	put_object(arena, resource, "owner", call->owner);
	put_object(arena, resource, "config", call->config);
	json_put_text(resource, "log_input_url", call->log_input_url);
	return resource;
}

const struct json *hook_protocol_write(struct arena *arena,
				       const struct addon *addon,
				       const struct hook_call *call,
				       int seconds)
{
	struct json *document = json_object(arena);

	json_put_int(document, "version", 1);
	json_put_text(document, "action", hook_action_name(call->action));
	json_put_text(document, "key", call->key);
	json_put_int(document, "attempt", call->attempt);
	json_put_int(document, "seconds", seconds);
	json_put(document, "resource", resource_of(arena, addon, call));
	if (call->user)
		json_put(document, "user", call->user);
	if (call->action == HOOK_ROTATE)
		json_put_int(document, "overlap", call->overlap);
	return document;
}

/* ---- what it answers ---- */

struct judging {
	struct arena *arena;
	const struct addon *addon;
	enum hook_action action;
	const char *file;
	struct hook_result result;
};

struct hook_result hook_failure(struct arena *arena, const char *file,
				const char *why)
{
	const char *all = arena_printf(arena, "%s: %s", file, why);
	char *line = arena_strndup(arena, all, strnlen(all, LONGEST_WHY));

	utf8_mend(line);
	return (struct hook_result){ .verdict = HOOK_FAILED, .why = line };
}

static bool fail(struct judging *j, const char *why)
{
	j->result = hook_failure(j->arena, j->file, why);
	return false;
}

static bool fail_member(struct judging *j, const char *member,
			const char *remedy)
{
	return fail(
		j,
		arena_printf(j->arena, "in its answer, %s %s", member, remedy));
}

/* Fail if a rule says what is wrong with a member. */
static bool keep_rule(struct judging *j, const char *member, const char *wrong)
{
	return !wrong || fail_member(j, member, wrong);
}

static bool read_config_var(struct judging *j, const struct json *var)
{
	const char *member =
		arena_printf(j->arena, "config.%s", json_name(var));

	return keep_rule(j, member,
			 answer_rules_config_name(j->addon, j->arena,
						  json_name(var)))
		&& keep_rule(j, member,
			     answer_rules_config_value(json_text(var)));
}

static bool read_config(struct judging *j, const struct json *value)
{
	const struct json *var;

	if (!json_is_object(value))
		return fail_member(j, "config", "must be an object of texts");
	for (var = json_first(value); var; var = json_next(var))
		if (!read_config_var(j, var))
			return false;
	j->result.config = value;
	return true;
}

static bool read_message(struct judging *j, const struct json *value)
{
	const char *message = json_text(value);

	j->result.message = message && *message ? message : NULL;
	return keep_rule(j, "message", answer_rules_message(message));
}

static bool read_log_drain_url(struct judging *j, const struct json *value)
{
	if (!j->addon->drains_logs)
		return fail_member(j, "log_drain_url",
				   "is for add-ons that drain logs: add "
				   "syslog_drain to the manifest's "
				   "api.requires, or leave it out");
	j->result.log_drain_url = json_text(value);
	return keep_rule(
		j, "log_drain_url",
		answer_rules_log_drain_url(j->arena, json_text(value)));
}

static bool read_retry_after(struct judging *j, const struct json *value)
{
	int64_t seconds = json_integer(value, -1);

	if (seconds < 0 || seconds > LONGEST_RETRY)
		return fail_member(j, "retry_after",
				   "must be a number of seconds up to 3600");
	j->result.retry_after = (int)seconds;
	return true;
}

static bool read_redirect(struct judging *j, const struct json *value)
{
	j->result.redirect = json_text(value);
	return keep_rule(j, "redirect",
			 answer_rules_redirect(j->arena, json_text(value)));
}

static bool read_session(struct judging *j, const struct json *value)
{
	j->result.session = value;
	return keep_rule(j, "session", answer_rules_session(j->arena, value));
}

static const struct member {
	const char *name;
	unsigned int actions; /* for which it means something */
	bool (*read)(struct judging *j, const struct json *value);
} members[] = {
#define FOR(action) (1U << (action))
	{ "config",
	  FOR(HOOK_PROVISION) | FOR(HOOK_CHANGE_PLAN) | FOR(HOOK_ROTATE),
	  read_config },
	{ "message", ~0U, read_message },
	{ "log_drain_url", FOR(HOOK_PROVISION) | FOR(HOOK_CHANGE_PLAN),
	  read_log_drain_url },
	{ "retry_after", ~0U, read_retry_after },
	{ "redirect", FOR(HOOK_SIGN_ON), read_redirect },
	{ "session", FOR(HOOK_SIGN_ON), read_session },
};

static bool read_member(struct judging *j, const struct json *value)
{
	for (size_t i = 0; i < COUNT(members); i++) {
		if (strcmp(members[i].name, json_name(value)) != 0)
			continue;
		return json_is_null(value)
			|| !(members[i].actions & FOR(j->action))
			|| members[i].read(j, value);
	}
	return fail_member(j, json_name(value),
			   "is unknown: correct its spelling, or leave it out");
}

static bool read_answer(struct judging *j, const char *output, size_t length,
			const struct json **answer)
{
	const struct json *member;
	const char *why;

	*answer = json_parse(j->arena, length > 0 ? output : "{}",
			     length > 0 ? length : 2, &why);
	if (!*answer)
		return fail(j,
			    arena_printf(j->arena,
					 "its answer is not proper JSON: %s: "
					 "standard output is for one object, "
					 "write all else to standard error",
					 why));
	if (!json_is_object(*answer))
		return fail(j, "its answer must be a JSON object");
	for (member = json_first(*answer); member; member = json_next(member))
		if (!read_member(j, member))
			return false;
	return true;
}

static const char *refusal_of(enum hook_action action)
{
	switch (action) {
	case HOOK_CHANGE_PLAN:
		return "The plan cannot be changed to the one asked for.";
	case HOOK_ROTATE:
		return "The credentials cannot be rotated.";
	default:
		return "The add-on cannot provide what was asked for.";
	}
}

/* Is what the verdict needs there?  Whom it is not told to need not have it. */
static bool complete(struct judging *j, const struct json *answer)
{
	const struct json *retry_after = json_member(answer, "retry_after");

	if (j->result.verdict == HOOK_PENDING
	    && (!retry_after || json_is_null(retry_after)))
		return fail(j,
			    "ended with exit status 75 and without "
			    "retry_after, so it has failed this time: what "
			    "it wrote to the log tells more");
	if (j->result.verdict == HOOK_DONE && j->action == HOOK_PROVISION
	    && j->addon->drains_logs && !j->result.log_drain_url)
		return fail_member(j, "log_drain_url",
				   "is missing, though the manifest requires "
				   "syslog_drain");
	if (j->result.verdict == HOOK_DONE && j->action == HOOK_ROTATE
	    && !j->result.config)
		return fail_member(j, "config",
				   "is missing: rotate answers all config "
				   "vars, with the new credentials");
	if (j->result.verdict == HOOK_REFUSED && !j->result.message)
		j->result.message = refusal_of(j->action);
	return true;
}

struct hook_result hook_protocol_read(struct arena *arena,
				      const struct addon *addon,
				      enum hook_action action, const char *file,
				      int status, const char *output,
				      size_t length)
{
	struct judging j = { arena, addon, action, file, { 0 } };
	const struct json *answer;

	switch (status) {
	case EX_OK:
		j.result.verdict = HOOK_DONE;
		break;
	case EX_DATAERR:
		j.result.verdict = HOOK_REFUSED;
		break;
	case EX_TEMPFAIL:
		j.result.verdict = HOOK_PENDING;
		break;
	default:
		fail(&j,
		     arena_printf(arena,
				  "ended with exit status %d%s: what it "
				  "wrote to the log tells more",
				  status,
				  status == EX_SOFTWARE
					  ? ", so it has failed for good"
					  : ""));
		if (status == EX_SOFTWARE)
			j.result.verdict = HOOK_FAILED_FOR_GOOD;
		return j.result;
	}
	if (read_answer(&j, output, length, &answer))
		complete(&j, answer);
	return j.result;
}
