#include "lib/import/row.h"

#include <stddef.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/crypto/digest.h"
#include "lib/text/utf8.h"
#include "lib/text/uuid.h"

typedef bool take_fn(struct import_reading *reading);

static take_fn take_marketplace, take_addon, take_key, take_state, take_asked,
	take_text, take_options, take_owner, take_object, take_time;

/* Every member there is, in the order of CSV. */
static const struct import_member {
	const char *name;
	take_fn *take;
	size_t place; /* in struct import_row, for those that share a taker */
	int longest;  /* in characters, for texts */
} members[] = {
#define ROW(field) offsetof(struct import_row, field)
	{ "marketplace", take_marketplace, 0, 0 },
	{ "addon", take_addon, 0, 0 },
	{ "marketplace_id", take_key, 0, 255 },
	{ "provider_id", take_text, ROW(told.provider_id), 255 },
	{ "state", take_state, 0, 0 },
	{ "plan", take_text, ROW(told.plan), 64 },
	{ "region", take_text, ROW(told.region), 255 },
	{ "name", take_text, ROW(told.name), 255 },
	{ "options", take_options, ROW(told.options), 0 },
	{ "owner", take_owner, ROW(told.owner), 0 },
	{ "asked", take_asked, 0, 0 },
	{ "message", take_text, ROW(told.message), 4096 },
	{ "plan_message", take_text, ROW(told.plan_message), 4096 },
	{ "callback_url", take_text, ROW(told.callback_url), 2048 },
	{ "log_drain_token", take_text, ROW(told.log_drain_token), 255 },
	{ "log_drain_url", take_text, ROW(told.log_drain_url), 2048 },
	{ "config", take_object, ROW(config), 0 },
	{ "secrets", take_object, ROW(secrets), 0 },
	{ "created_at", take_time, ROW(created_at), 0 },
	{ "deprovisioned_at", take_time, ROW(deprovisioned_at), 0 },
};

static const struct import_member *find_member(const char *name)
{
	for (size_t i = 0; i < COUNT(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

void import_member_complain(struct import_reading *reading, const char *name,
			    const char *remedy)
{
	finding_error(reading->findings, "%s: line %d: %s: %s", reading->path,
		      reading->line, name, remedy);
}

static bool complain(struct import_reading *reading, const char *remedy)
{
	import_member_complain(reading, reading->member->name, remedy);
	return false;
}

static void *place(const struct import_reading *reading)
{
	return (char *)reading->row + reading->member->place;
}

static bool take_same(struct import_reading *reading, const char *expected)
{
	const char *text = json_text(reading->value);

	if (text && strcmp(text, expected) == 0)
		return true;
	return complain(reading,
			arena_printf(reading->arena,
				     "must be \"%s\", of which you import: put "
				     "what is another's into another file",
				     expected));
}

static bool take_marketplace(struct import_reading *reading)
{
	return take_same(reading, reading->addon->dialect->marketplace);
}

static bool take_addon(struct import_reading *reading)
{
	return take_same(reading, reading->addon->id);
}

static const char *text_of(struct import_reading *reading)
{
	const char *text = json_text(reading->value);
	int longest = reading->member->longest;

	if (text && utf8_count(text) <= longest)
		return text;
	complain(reading,
		 arena_printf(reading->arena,
			      "must be a text of 1 to %d characters: correct "
			      "it, or leave it out",
			      longest));
	return NULL;
}

static bool take_text(struct import_reading *reading)
{
	const char **text = place(reading);

	*text = text_of(reading);
	return *text;
}

/* One that is a UUID is kept as requests have it. */
static bool take_key(struct import_reading *reading)
{
	const char *text = text_of(reading);
	char *uuid = arena_alloc(reading->arena, UUID_LENGTH + 1);
	bool is_uuid = text && uuid_read(text, uuid);

	if (text && !is_uuid && reading->addon->dialect->path_has_key)
		return complain(reading,
				"must be a UUID of 36 characters, as "
				"the marketplace has it");
	reading->row->told.marketplace_id = is_uuid ? uuid : text;
	return text;
}

static bool take_state(struct import_reading *reading)
{
	const char *text = json_text(reading->value);
	enum resource_state *state = &reading->row->told.state;

	if (text && resource_state_named(text, state)
	    && (*state == RESOURCE_PROVISIONED
		|| *state == RESOURCE_DEPROVISIONED))
		return true;
	return complain(reading,
			"must be provisioned or deprovisioned: "
			"import it once it is one of these");
}

static bool take_asked(struct import_reading *reading)
{
	const char *text = json_text(reading->value);

	if (!text || strlen(text) != DIGEST_SHA256_HEX
	    || strspn(text, "0123456789abcdef") != DIGEST_SHA256_HEX)
		return complain(reading,
				"must be as an export has it: leave "
				"it out where there is none");
	reading->row->told.asked = text;
	return true;
}

static bool is_object_of_texts(const struct json *value)
{
	if (!json_is_object(value))
		return false;
	for (const struct json *m = json_first(value); m; m = json_next(m))
		if (!json_text(m))
			return false;
	return true;
}

static bool take_object(struct import_reading *reading)
{
	const struct json **object = place(reading);

	if (!is_object_of_texts(reading->value))
		return complain(reading,
				"must be an object whose values are texts");
	*object = json_sorted(reading->arena, reading->value);
	return true;
}

static bool take_owner(struct import_reading *reading)
{
	const char **text = place(reading);

	if (!is_object_of_texts(reading->value))
		return complain(reading,
				"must be an object whose values are texts");
	*text = json_print(reading->arena,
			   json_sorted(reading->arena, reading->value));
	return true;
}

static bool take_options(struct import_reading *reading)
{
	if (json_count(reading->value) > DIALECT_MAX_OPTIONS)
		return complain(reading, "must have at most 64 members");
	return take_owner(reading);
}

static bool take_time(struct import_reading *reading)
{
	const char *text = json_text(reading->value);

	if (text && iso8601_read(text, place(reading)))
		return true;
	return complain(reading, "must be a time such as 2016-03-03T18:01:31Z");
}

/* ---- a line ---- */

static void require(struct import_reading *reading, bool is_there,
		    const char *name, const char *remedy)
{
	reading->member = find_member(name);
	if (!is_there)
		complain(reading, remedy);
}

/* What no member alone can tell. */
static void check_whole(struct import_reading *reading)
{
	const struct import_row *row = reading->row;

	require(reading, row->told.marketplace_id || row->told.provider_id,
		"marketplace_id",
		"is missing, and so is provider_id: give one of them, or both");
	require(reading,
		row->told.plan || row->told.state == RESOURCE_DEPROVISIONED,
		"plan", "is missing: say which plan it is on");
	for (const struct json *m = json_first(row->config); m;
	     m = json_next(m))
		require(reading, addon_declares(reading->addon, json_name(m)),
			"config",
			arena_printf(reading->arena,
				     "%s is not declared: add it to "
				     "config_vars of the add-on's manifest",
				     json_name(m)));
}

static bool is_absent(const struct json *value)
{
	const char *text = json_text(value);

	return json_is_null(value) || (text && !*text);
}

void import_member_read_all(struct import_reading *reading,
			    const struct json *object, struct import_row *row)
{
	*row = (struct import_row){
		.line = reading->line,
		.told.state = RESOURCE_PROVISIONED,
	};
	reading->row = row;
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		reading->member = find_member(json_name(m));
		reading->value = m;
		if (!reading->member)
			import_member_complain(reading, json_name(m),
					       "is unknown: correct its "
					       "spelling, or remove it");
		else if (!is_absent(m))
			reading->member->take(reading);
	}
	check_whole(reading);
}

const char *import_member_name(int number)
{
	return (size_t)number < COUNT(members) ? members[number].name : NULL;
}

bool import_member_is_known(const char *name)
{
	return find_member(name);
}

bool import_member_is_object(const char *name)
{
	const struct import_member *member = find_member(name);

	return member
		&& (member->take == take_object || member->take == take_owner
		    || member->take == take_options);
}
