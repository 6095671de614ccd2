#include "lib/dialect/dialect.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/uuid.h"

enum { MAX_GRANT_CODE = 255 }; /* characters */

#define LATEST_SECOND INT64_C(253402300799) /* of the year 9999 */

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

/* The dialects of a marketplace are neighbours in the table. */
const char *dialect_marketplaces(struct arena *arena)
{
	const char *list = dialects[0]->marketplace;
	const char *last = NULL;

	for (int i = 1; dialects[i]; i++) {
		if (strcmp(dialects[i]->marketplace,
			   dialects[i - 1]->marketplace)
		    == 0)
			continue;
		if (last)
			list = arena_join(arena, list, ", ", last);
		last = dialects[i]->marketplace;
	}
	return last ? arena_join(arena, list, " or ", last) : list;
}

/* ---- reading the members of a request ---- */

/* A member that is being read. */
struct member {
	struct arena *arena;
	const struct dialect_field *field;
	const struct json *value;
	struct provision_request *request;
	const char *message; /* set on failure */
};

static bool is_absent_field(const struct json *value)
{
	return !value || json_is_null(value);
}

static bool refuse_field(struct member *member, const char *must)
{
	member->message = arena_printf(member->arena, "\"%s\" must be %s.",
				       member->field->name, must);
	return false;
}

static const char **text_place(const struct member *member)
{
	return (const char **)((char *)member->request + member->field->member);
}

/* Return the value, or NULL after setting the message. */
static const char *check_text_field(struct member *member)
{
	const char *text = json_text(member->value);
	int length = text ? utf8_count(text) : -1;
	int min_length = member->field->need == DIALECT_OPTIONAL ? 0 : 1;

	if (length >= min_length && length <= member->field->max_length)
		return text;
	(void)!refuse_field(member,
			    arena_printf(member->arena,
					 "a string of %s%d characters",
					 min_length ? "1 to " : "at most ",
					 member->field->max_length));
	return NULL;
}

static bool read_text_field(struct member *member)
{
	const char *text = check_text_field(member);

	if (text)
		*text_place(member) = text;
	return text != NULL;
}

static bool read_uuid_field(struct member *member)
{
	char *uuid = arena_alloc(member->arena, UUID_LENGTH + 1);
	const char *text = json_text(member->value);

	if (!text || !uuid_read(text, uuid))
		return refuse_field(member, "a UUID of 36 characters");
	*text_place(member) = uuid;
	return true;
}

static bool check_options_field(struct member *member)
{
	if (!json_is_object(member->value))
		return refuse_field(member, "an object");
	if (json_count(member->value) > DIALECT_MAX_OPTIONS)
		return refuse_field(member, "an object of at most 64 options");
	return true;
}

static bool read_options_field(struct member *member)
{
	if (!check_options_field(member))
		return false;
	if (!json_is_text_object(member->value))
		return refuse_field(member,
				    "an object whose values are strings");
	member->request->options = member->value;
	return true;
}

/* A member that is null is left out. */
static bool read_metadata_field(struct member *member)
{
	struct json *options = json_object(member->arena);
	const struct json *value;

	if (!check_options_field(member))
		return false;
	for (value = json_first(member->value); value;
	     value = json_next(value)) {
		if (json_is_object(value) || json_is_array(value))
			return refuse_field(member,
					    "an object whose values are "
					    "strings, numbers, true or false");
		if (!json_is_null(value))
			json_put_text(
				options, json_name(value),
				json_text(value)
					? json_text(value)
					: json_print(member->arena, value));
	}
	member->request->options = options;
	return true;
}

static bool read_owner_field(struct member *member)
{
	const char *text = check_text_field(member);

	if (!text)
		return false;
	if (!member->request->owner)
		member->request->owner = json_object(member->arena);
	json_put_text(member->request->owner, member->field->name, text);
	return true;
}

/* Read what every grant has, and set *expires_at to its member or NULL. */
static bool read_grant_code(struct member *member,
			    const struct json **expires_at)
{
	const struct json *code = json_member(member->value, "code");
	const struct json *type = json_member(member->value, "type");
	const char *text = json_text(code);

	if (!json_is_object(member->value))
		return refuse_field(member, "an object");
	if (!is_absent_field(code)
	    && (!text || !*text || utf8_count(text) > MAX_GRANT_CODE))
		return refuse_field(member,
				    "an object with a code of 1 to 255 "
				    "characters");
	if (!is_absent_field(type) && !json_text(type))
		return refuse_field(member, "an object whose type is a string");
	member->request->grant_code = text;
	*expires_at = json_member(member->value, "expires_at");
	if (is_absent_field(*expires_at))
		*expires_at = NULL;
	return true;
}

static bool read_grant_field(struct member *member)
{
	const struct json *expires_at;

	if (!read_grant_code(member, &expires_at))
		return false;
	if (!expires_at
	    || (json_text(expires_at)
		&& iso8601_read(json_text(expires_at),
				&member->request->grant_expires_at)))
		return true;
	return refuse_field(member,
			    "an object whose expires_at is a time such "
			    "as 2016-03-03T18:01:31Z");
}

static bool read_grant_of_seconds_field(struct member *member)
{
	const struct json *expires_at;

	if (!read_grant_code(member, &expires_at))
		return false;
	if (!expires_at
	    || number_read(json_print(member->arena, expires_at), 0,
			   LATEST_SECOND, &member->request->grant_expires_at))
		return true;
	return refuse_field(member,
			    "an object whose expires_at is a number of "
			    "seconds since 1970");
}

static bool has_alternative(const struct dialect_field *field,
			    const struct json *body)
{
	for (field++; field->need == DIALECT_ALTERNATIVE; field++)
		if (!is_absent_field(json_member(body, field->name)))
			return true;
	return false;
}

/* Return true if the same member is present under an earlier name. */
static bool is_other_name(const struct dialect_field *field,
			  const struct json *body)
{
	const struct dialect_field *f = field;

	for (; f->need == DIALECT_ALTERNATIVE; f--)
		if (f[-1].kind == field->kind && f[-1].member == field->member
		    && !is_absent_field(json_member(body, f[-1].name)))
			return true;
	return false;
}

static bool read_field(struct member *member, const struct json *body)
{
	static bool (*const readers[])(struct member *) = {
		[DIALECT_TEXT] = read_text_field,
		[DIALECT_UUID] = read_uuid_field,
		[DIALECT_OPTIONS] = read_options_field,
		[DIALECT_METADATA] = read_metadata_field,
		[DIALECT_OWNER] = read_owner_field,
		[DIALECT_GRANT] = read_grant_field,
		[DIALECT_GRANT_SECONDS] = read_grant_of_seconds_field,
	};
	const struct dialect_field *field = member->field;

	member->value = json_member(body, field->name);
	if (!is_absent_field(member->value))
		return is_other_name(field, body)
			|| readers[field->kind](member);
	if (field->need != DIALECT_REQUIRED || has_alternative(field, body))
		return true;
	member->message =
		arena_printf(member->arena, "\"%s\" is missing.", field->name);
	return false;
}

/* ---- requests and responses ---- */

bool dialect_digest_request(struct arena *arena,
			    struct provision_request *request)
{
	struct json *canonical = json_object(arena);
	const char *text;

	json_refer(canonical, "options", json_sorted(arena, request->options));
	json_put_text(canonical, "plan", request->plan);
	if (request->region)
		json_put_text(canonical, "region", request->region);
	else
		json_put(canonical, "region", NULL);
	text = json_print(arena, canonical);
	return digest_sha256_hex(&text, 1, request->digest);
}

enum outcome dialect_read_provision(const struct dialect *dialect,
				    struct arena *arena,
				    const struct json *body,
				    struct provision_request *request,
				    const char **message)
{
	struct member member = { .arena = arena, .request = request };

	*request = (struct provision_request){ .options = json_object(arena) };
	for (member.field = dialect->fields; member.field->name;
	     member.field++) {
		if (read_field(&member, body))
			continue;
		*message = member.message;
		return OUTCOME_INVALID;
	}
	return dialect_digest_request(arena, request) ? OUTCOME_OK
						      : OUTCOME_BROKEN;
}

enum outcome dialect_read_plan(const struct dialect *dialect,
			       struct arena *arena, const struct json *body,
			       const char **plan, const char **message)
{
	struct provision_request request = { 0 };
	struct member member = {
		.arena = arena,
		.request = &request,
		.field = dialect->fields,
	};

	while (member.field->kind != DIALECT_TEXT
	       || member.field->member
		       != offsetof(struct provision_request, plan))
		member.field++;
	if (!read_field(&member, body)) {
		*message = member.message;
		return OUTCOME_INVALID;
	}
	*plan = request.plan;
	return OUTCOME_OK;
}

bool dialect_signs_user(const struct dialect *dialect)
{
	const struct dialect_token *token = dialect->sso->tokens;

	if (!dialect->sso->user)
		return false;
	for (; token->field; token++)
		for (int i = 0; token->parts[i]; i++)
			if (strcmp(token->parts[i], dialect->sso->user) == 0)
				return true;
	return false;
}

bool dialect_has_legacy_sign_on(const struct dialect *dialect)
{
	const struct dialect_token *token = dialect->sso->tokens;

	while (token->field && !token->is_legacy)
		token++;
	return token->field;
}

const char *dialect_write_response(struct arena *arena,
				   const struct dialect_response *response)
{
	struct json *object = json_object(arena);

	json_put_text(object, "id", response->id);
	if (response->config)
		json_refer(object, "config", response->config);
	json_put_text(object, "message", response->message);
	json_put_text(object, "log_drain_url", response->log_drain_url);
	return json_print(arena, object);
}

bool dialect_token_signs(const struct dialect_token *token, const char *field)
{
	for (int i = 0; i < DIALECT_MAX_TOKEN_PARTS && token->parts[i]; i++)
		if (strcmp(token->parts[i], field) == 0)
			return true;
	return false;
}
