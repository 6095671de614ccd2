#include "lib/dialect/dialect.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "lib/text/uuid.h"

enum { LONGEST_GRANT_CODE = 255 };

/* One request being read. */
struct reading {
	struct arena *arena;
	const struct dialect_field *field;
	const struct json *value;
	struct provision *wanted;
	const char *complaint;
};

const struct dialect *dialect_find(const char *marketplace, const char *version)
{
	for (int i = 0; dialects[i]; i++) {
		const struct dialect *dialect = dialects[i];

		if (strcmp(dialect->marketplace, marketplace) != 0)
			continue;
		if (version ? strcmp(dialect->version, version) == 0
			    : dialect->is_default)
			return dialect;
	}
	return NULL;
}

static bool complain(struct reading *reading, const char *must)
{
	reading->complaint = arena_printf(reading->arena, "\"%s\" must be %s.",
					  reading->field->name, must);
	return false;
}

static const char **text_member(const struct reading *reading)
{
	return (const char **)((char *)reading->wanted
			       + reading->field->member);
}

/* The text of the value, if it is one of the right length. */
static const char *checked_text(struct reading *reading)
{
	const char *text = json_text(reading->value);
	int shortest = reading->field->required ? 1 : 0;

	if (text && utf8_count(text) <= reading->field->longest
	    && utf8_count(text) >= shortest)
		return text;
	complain(reading,
		 arena_printf(reading->arena, "a text of %s%d characters",
			      shortest ? "1 to " : "at most ",
			      reading->field->longest));
	return NULL;
}

static bool read_text(struct reading *reading)
{
	const char *text = checked_text(reading);

	if (text)
		*text_member(reading) = text;
	return text != NULL;
}

static bool read_uuid(struct reading *reading)
{
	char *uuid = arena_alloc(reading->arena, UUID_LENGTH + 1);
	const char *text = json_text(reading->value);

	if (!text || !uuid_read(text, uuid))
		return complain(reading, "a UUID of 36 characters");
	*text_member(reading) = uuid;
	return true;
}

static bool read_options(struct reading *reading)
{
	const struct json *option;

	if (!json_is_object(reading->value))
		return complain(reading, "an object");
	if (json_count(reading->value) > DIALECT_MOST_OPTIONS)
		return complain(reading, "an object of at most 64 options");
	for (option = json_first(reading->value); option;
	     option = json_next(option))
		if (!json_text(option))
			return complain(reading,
					"an object whose values are texts");
	reading->wanted->options = reading->value;
	return true;
}

static bool read_owner(struct reading *reading)
{
	const char *text = checked_text(reading);

	if (!text)
		return false;
	if (!reading->wanted->owner)
		reading->wanted->owner = json_object(reading->arena);
	json_put_text(reading->wanted->owner, reading->field->name, text);
	return true;
}

static bool is_absent(const struct json *value)
{
	return !value || json_is_null(value);
}

static bool read_grant(struct reading *reading)
{
	struct provision *wanted = reading->wanted;
	const struct json *code = json_member(reading->value, "code");
	const struct json *expires_at =
		json_member(reading->value, "expires_at");
	const struct json *type = json_member(reading->value, "type");
	const char *text = json_text(code);

	if (!json_is_object(reading->value))
		return complain(reading, "an object");
	if (!is_absent(code)
	    && (!text || !*text || utf8_count(text) > LONGEST_GRANT_CODE))
		return complain(reading,
				"an object with a code of 1 to 255 "
				"characters");
	if (!is_absent(expires_at)
	    && (!json_text(expires_at)
		|| !iso8601_read(json_text(expires_at),
				 &wanted->grant_expires_at)))
		return complain(reading,
				"an object whose expires_at is a time "
				"such as 2016-03-03T18:01:31Z");
	if (!is_absent(type) && !json_text(type))
		return complain(reading, "an object whose type is a text");
	wanted->grant_code = text;
	return true;
}

static bool read_unkept(struct reading *reading)
{
	return checked_text(reading) != NULL;
}

static bool read_field(struct reading *reading, const struct json *body)
{
	static bool (*const readers[])(struct reading *) = {
		[DIALECT_TEXT] = read_text,
		[DIALECT_UUID] = read_uuid,
		[DIALECT_OPTIONS] = read_options,
		[DIALECT_OWNER] = read_owner,
		[DIALECT_GRANT] = read_grant,
		[DIALECT_UNKEPT] = read_unkept,
	};
	const struct dialect_field *field = reading->field;

	reading->value = json_member(body, field->name);
	if (!is_absent(reading->value))
		return readers[field->kind](reading);
	if (!field->required)
		return true;
	reading->complaint =
		arena_printf(reading->arena, "\"%s\" is missing.", field->name);
	return false;
}

bool dialect_digest_asked(struct arena *arena, struct provision *wanted)
{
	struct json *asked = json_object(arena);
	const char *text;

	json_put(asked, "options", json_sorted(arena, wanted->options));
	json_put_text(asked, "plan", wanted->plan);
	if (wanted->region)
		json_put_text(asked, "region", wanted->region);
	else
		json_put(asked, "region", NULL);
	text = json_print(arena, asked);
	return digest_sha256_hex(&text, 1, wanted->asked);
}

enum outcome dialect_read_provision(const struct dialect *dialect,
				    struct arena *arena,
				    const struct json *body,
				    struct provision *wanted,
				    const char **complaint)
{
	struct reading reading = { .arena = arena, .wanted = wanted };

	*wanted = (struct provision){ .options = json_object(arena) };
	for (reading.field = dialect->fields; reading.field->name;
	     reading.field++) {
		if (read_field(&reading, body))
			continue;
		*complaint = reading.complaint;
		return OUTCOME_INVALID;
	}
	return dialect_digest_asked(arena, wanted) ? OUTCOME_OK
						   : OUTCOME_BROKEN;
}

enum outcome dialect_read_plan(const struct dialect *dialect,
			       struct arena *arena, const struct json *body,
			       const char **plan, const char **complaint)
{
	struct provision wanted = { 0 };
	struct reading reading = {
		.arena = arena,
		.wanted = &wanted,
		.field = dialect->fields,
	};

	while (reading.field->kind != DIALECT_TEXT
	       || reading.field->member != offsetof(struct provision, plan))
		reading.field++;
	if (!read_field(&reading, body)) {
		*complaint = reading.complaint;
		return OUTCOME_INVALID;
	}
	*plan = wanted.plan;
	return OUTCOME_OK;
}

const char *dialect_write(struct arena *arena,
			  const struct dialect_answer *answer)
{
	struct json *object = json_object(arena);

	json_put_text(object, "id", answer->id);
	if (answer->config)
		json_put(object, "config", answer->config);
	json_put_text(object, "message", answer->message);
	json_put_text(object, "log_drain_url", answer->log_drain_url);
	return json_print(arena, object);
}
