/* An accepted request is within its limits, has the same digest in every
 * spelling, and can be written into a response.  So is an accepted
 * notification within its limits. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

static const struct json *parse(struct arena *arena, const char *text)
{
	const char *why;

	return json_parse(arena, text, strlen(text), &why);
}

static void assert_field(const struct dialect_field *field,
			 const struct provision_request *wanted)
{
	const char *text =
		*(const char *const *)((const char *)wanted + field->member);
	char uuid[UUID_LENGTH + 1];

	assert(text || field->need != DIALECT_REQUIRED
	       || field[1].need == DIALECT_ALTERNATIVE);
	if (!text)
		return;
	if (field->kind == DIALECT_UUID)
		assert(uuid_read(text, uuid) && strcmp(uuid, text) == 0);
	else
		assert(utf8_is_valid(text)
		       && utf8_count(text) <= field->max_length
		       && (*text || field->need == DIALECT_OPTIONAL));
}

static void assert_limits(const struct dialect *dialect,
			  const struct provision_request *wanted)
{
	const struct dialect_field *field;

	for (field = dialect->fields; field->name; field++)
		if (field->kind == DIALECT_TEXT || field->kind == DIALECT_UUID)
			assert_field(field, wanted);
	assert(json_is_object(wanted->options)
	       && json_count(wanted->options) <= 64);
	assert(strlen(wanted->digest) == DIGEST_SHA256_HEX);
}

/* Write the request with its members and options in another order, without
 * blanks and with other escapes. */
static const char *respell(struct arena *arena, const struct json *body)
{
	const struct json *sorted = json_sorted(arena, body), *member;
	struct json *copy = json_object(arena);

	for (member = json_first(sorted); member; member = json_next(member))
		json_put(copy, json_name(member),
			 json_is_object(member) ? json_sorted(arena, member)
						: member);
	return json_print(arena, copy);
}

static void assert_same_again(const struct dialect *dialect,
			      struct arena *arena, const struct json *body,
			      const struct provision_request *wanted)
{
	const char *respelled = respell(arena, body);
	struct provision_request again;
	const char *refusal;

	assert(dialect_read_provision(dialect, arena, parse(arena, respelled),
				      &again, &refusal)
	       == OUTCOME_OK);
	assert(strcmp(wanted->digest, again.digest) == 0);
}

static void assert_answer(struct arena *arena,
			  const struct provision_request *wanted)
{
	const struct dialect_response answer = {
		.id = wanted->key,
		.config = wanted->options,
		.message = wanted->plan,
	};
	const struct json *read =
		parse(arena, dialect_write_response(arena, &answer));
	const struct json *config = json_member(read, "config");

	assert(strcmp(json_text(json_member(read, "message")), wanted->plan)
	       == 0);
	assert(strcmp(json_print(arena, config),
		      json_print(arena, wanted->options))
	       == 0);
}

static void read_in(const struct dialect *dialect, struct arena *arena,
		    const struct json *body)
{
	struct provision_request wanted;
	const char *refusal = NULL, *plan;
	enum outcome outcome =
		dialect_read_provision(dialect, arena, body, &wanted, &refusal);

	if (outcome != OUTCOME_OK) {
		assert(outcome == OUTCOME_INVALID && utf8_is_valid(refusal));
		return;
	}
	assert_limits(dialect, &wanted);
	assert_same_again(dialect, arena, body, &wanted);
	assert_answer(arena, &wanted);
	assert(dialect_read_plan(dialect, arena, body, &plan, &refusal)
	       == OUTCOME_OK);
	assert(strcmp(plan, wanted.plan) == 0);
}

static void assert_keys(const struct json *keys)
{
	const struct json *key;

	assert(json_is_array(keys) && json_count(keys) <= DIALECT_MAX_REPORTED);
	for (key = json_first(keys); key; key = json_next(key))
		assert(strlen(json_text(key)) <= 255);
}

static void read_notification_in(const struct dialect *dialect,
				 struct arena *arena, const struct json *body)
{
	struct dialect_notification notification;
	const char *message;

	if (!dialect->read_notification)
		return;
	if (!dialect->read_notification(arena, body, &notification, &message)) {
		assert(utf8_is_valid(message));
		return;
	}
	assert(notification.type && notification.created_at >= 0);
	if (notification.event != DIALECT_NO_EVENT)
		assert_keys(notification.keys);
	if (notification.event == DIALECT_PLAN_CHANGED && notification.plan)
		assert(*notification.plan
		       && utf8_count(notification.plan) <= 64);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const char *why;
	const struct json *body = json_parse(arena, text, length, &why);

	for (int i = 0; json_is_object(body) && dialects[i]; i++) {
		read_in(dialects[i], arena, body);
		read_notification_in(dialects[i], arena, body);
	}
}
