#include "lib/import/row.h"

#include <stddef.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/crypto/digest.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/answer_rules.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

/* A member of a line that is being read. */
struct row_value {
	struct import_reader *reader;
	const char *name;
	int max_length;
	void *place; /* in the row */
	const struct json *json;
};

void import_row_error(struct import_reader *reader, const char *member,
		      const char *remedy)
{
	finding_error(reader->findings, "%s: line %d: %s: %s", reader->path,
		      reader->line, member, remedy);
}

static void refuse_value(const struct row_value *value, const char *remedy)
{
	import_row_error(value->reader, value->name, remedy);
}

/* ---- readers, one for each kind of member ---- */

static void require_equal(const struct row_value *value, const char *expected)
{
	const char *text = json_text(value->json);

	if (!text || strcmp(text, expected) != 0)
		refuse_value(value,
			     arena_printf(value->reader->arena,
					  "must be \"%s\", the one that you "
					  "import: put other resources into "
					  "another file",
					  expected));
}

static void check_row_marketplace(const struct row_value *value)
{
	require_equal(value, value->reader->addon->dialect->marketplace);
}

static void check_row_addon(const struct row_value *value)
{
	require_equal(value, value->reader->addon->id);
}

/* Return NULL after adding an error. */
static const char *check_row_text(const struct row_value *value)
{
	const char *text = json_text(value->json);

	if (text && utf8_count(text) <= value->max_length)
		return text;
	refuse_value(value,
		     arena_printf(value->reader->arena,
				  "must be a string of 1 to %d characters: "
				  "correct it, or leave it out",
				  value->max_length));
	return NULL;
}

static void read_row_text(const struct row_value *value)
{
	*(const char **)value->place = check_row_text(value);
}

/* Store a UUID in lower case, as for requests. */
static void read_row_key(const struct row_value *value)
{
	const char *text = check_row_text(value);
	char *uuid = arena_alloc(value->reader->arena, UUID_LENGTH + 1);
	bool is_uuid = text && uuid_read(text, uuid);

	if (text && !is_uuid && value->reader->addon->dialect->path_has_key)
		refuse_value(value,
			     "must be the marketplace's UUID of 36 characters: "
			     "correct it");
	*(const char **)value->place = is_uuid ? uuid : text;
}

bool import_row_state_named(const char *name, enum resource_state *state)
{
	return resource_state_named(name, state)
		&& (*state == RESOURCE_PROVISIONED
		    || *state == RESOURCE_SUSPENDED || *state == RESOURCE_KEPT
		    || *state == RESOURCE_DEPROVISIONED
		    || *state == RESOURCE_MOVED);
}

static void read_row_state(const struct row_value *value)
{
	const char *text = json_text(value->json);
	enum resource_state *state = value->place;

	if (!text || !import_row_state_named(text, state))
		refuse_value(value,
			     "must be provisioned, suspended, kept, moved or "
			     "deprovisioned: import the resource when it is in "
			     "one of these states");
}

static void read_row_digest(const struct row_value *value)
{
	const char *text = json_text(value->json);

	if (!text || strlen(text) != DIGEST_SHA256_HEX
	    || strspn(text, "0123456789abcdef") != DIGEST_SHA256_HEX)
		refuse_value(
			value,
			"must be a digest from \"resources export\": correct "
			"it, or leave it out");
	*(const char **)value->place = text;
}

static bool check_row_object(const struct row_value *value)
{
	if (json_is_text_object(value->json))
		return true;
	refuse_value(value,
		     "must be an object whose values are strings: "
		     "correct it");
	return false;
}

static void read_row_object(const struct row_value *value)
{
	if (check_row_object(value))
		*(const struct json **)value->place =
			json_sorted(value->reader->arena, value->json);
}

static void read_row_json(const struct row_value *value)
{
	struct arena *arena = value->reader->arena;

	if (check_row_object(value))
		*(const char **)value->place =
			json_print(arena, json_sorted(arena, value->json));
}

static void read_row_options(const struct row_value *value)
{
	if (json_count(value->json) > DIALECT_MAX_OPTIONS)
		refuse_value(value, "must have at most 64 members: correct it");
	else
		read_row_json(value);
}

static void read_row_time(const struct row_value *value)
{
	const char *text = json_text(value->json);

	if (!text || !iso8601_read(text, value->place))
		refuse_value(value,
			     "must be a time such as "
			     "2016-03-03T18:01:31Z: correct it");
}

/* ---- members ---- */

#define ROW(field) offsetof(struct import_row, field)
#define RESOURCE(field) ROW(resource.field)

/* clang-format off */
/* All members, in the order of CSV columns. */
static const struct row_member {
	const char *name;
	void (*read)(const struct row_value *value);
	size_t place;
	int max_length; /* of a string, in characters */
	bool is_json;   /* in CSV */
} members[] = {
	{ "marketplace",      check_row_marketplace, 0,                            0, false },
	{ "addon",            check_row_addon,       0,                            0, false },
	{ "marketplace_id",   read_row_key,          RESOURCE(marketplace_id),   255, false },
	{ "provider_id",      read_row_text,         RESOURCE(provider_id),      255, false },
	{ "state",            read_row_state,        RESOURCE(state),              0, false },
	{ "plan",             read_row_text,         RESOURCE(plan),              64, false },
	{ "region",           read_row_text,         RESOURCE(region),           255, false },
	{ "name",             read_row_text,         RESOURCE(name),             255, false },
	{ "options",          read_row_options,      RESOURCE(options),            0, true },
	{ "owner",            read_row_json,         RESOURCE(owner),              0, true },
	{ "request_digest",   read_row_digest,       RESOURCE(request_digest),     0, false },
	{ "message",          read_row_text,         RESOURCE(message),         4096, false },
	{ "plan_message",     read_row_text,         RESOURCE(plan_message),    4096, false },
	{ "callback_url",     read_row_text,         RESOURCE(callback_url),    2048, false },
	{ "log_drain_token",  read_row_text,         RESOURCE(log_drain_token),  255, false },
	{ "log_drain_url",    read_row_text,         RESOURCE(log_drain_url),   2048, false },
	{ "config",           read_row_object,       ROW(config),                  0, true },
	{ "secrets",          read_row_object,       ROW(secrets),                 0, true },
	{ "created_at",       read_row_time,         ROW(created_at),              0, false },
	{ "deprovisioned_at", read_row_time,         ROW(deprovisioned_at),        0, false },
	{ "kept_until",       read_row_time,         ROW(kept_until),              0, false },
	{ "former_marketplace_id", read_row_text,    RESOURCE(former_marketplace_id), 255, false },
};
/* clang-format on */

static const struct row_member *find_member(const char *name)
{
	for (size_t i = 0; i < COUNT(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

const char *import_row_member(int number)
{
	return (size_t)number < COUNT(members) ? members[number].name : NULL;
}

bool import_row_has_member(const char *name)
{
	return find_member(name);
}

bool import_row_member_is_json(const char *name)
{
	const struct row_member *member = find_member(name);

	return member && member->is_json;
}

/* ---- a line ---- */

static void read_row_member(struct import_reader *reader,
			    const struct json *json, struct import_row *row)
{
	const struct row_member *member = find_member(json_name(json));
	const char *text = json_text(json);
	bool is_absent = json_is_null(json) || (text && !*text);

	if (!member)
		import_row_error(reader, json_name(json),
				 "is unknown: correct its spelling, or "
				 "remove it");
	else if (!is_absent)
		member->read(&(struct row_value){
			.reader = reader,
			.name = member->name,
			.max_length = member->max_length,
			.place = (char *)row + member->place,
			.json = json,
		});
}

/* Check the rules that concern more than one member. */
static void check_whole_row(struct import_reader *reader,
			    const struct import_row *row)
{
	const struct resource *resource = &row->resource;

	if (!resource->marketplace_id && !resource->provider_id)
		import_row_error(reader, "marketplace_id",
				 "is missing, and so is provider_id: add one "
				 "of them, or both");
	if (!resource->plan && resource->state != RESOURCE_DEPROVISIONED)
		import_row_error(reader, "plan",
				 "is missing: add the plan of the resource");
	if (!row->kept_until && resource->state == RESOURCE_KEPT)
		import_row_error(reader, "kept_until",
				 "is missing: add the time until which the "
				 "resource can be restored");
	for (const struct json *var = json_first(row->config); var;
	     var = json_next(var)) {
		const char *wrong = answer_rules_config_value(json_name(var),
							      json_text(var));

		if (wrong)
			import_row_error(reader, "config",
					 arena_printf(reader->arena, "%s %s",
						      json_name(var), wrong));
		if (!addon_declares(reader->addon, json_name(var)))
			import_row_error(
				reader, "config",
				arena_printf(reader->arena,
					     "%s is not declared: add it to "
					     "config_vars of the add-on's "
					     "manifest",
					     json_name(var)));
	}
}

void import_row_read(struct import_reader *reader, const struct json *object,
		     struct import_row *row)
{
	*row = (struct import_row){
		.line = reader->line,
		.resource.state = RESOURCE_PROVISIONED,
	};
	for (const struct json *m = json_first(object); m; m = json_next(m))
		read_row_member(reader, m, row);
	check_whole_row(reader, row);
}
