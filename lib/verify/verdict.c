#include "lib/verify/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/verify/session.h"

void verify_expect(struct verify *v, bool is_right, const char *expected,
		   const char *got)
{
	if (is_right || v->got)
		return;
	v->expected = expected;
	v->got = got;
}

const char *verify_describe(struct verify *v, const struct verify_reply *reply)
{
	if (reply->fault)
		return arena_printf(v->arena, "no response: %s", reply->fault);
	return arena_printf(v->arena, "%d%s", reply->status,
			    reply->json ? "" : " without JSON");
}

static const char *name_type(const struct json *value)
{
	if (json_text(value))
		return "a string";
	if (json_is_object(value))
		return "an object";
	if (json_is_array(value))
		return "an array";
	return json_is_null(value) ? "null" : "another value";
}

const char *verify_describe_config(struct verify *v, const struct json *config)
{
	const char *text = "";
	const struct json *var;

	if (!config)
		return "none";
	if (!json_is_object(config))
		return name_type(config);
	for (var = json_first(config); var; var = json_next(var))
		text = arena_join(v->arena, text, *text ? ", " : "",
				  json_name(var), ": ", name_type(var));
	return *text ? text : "an empty object";
}

static bool is_listed_status(const char *statuses, int status)
{
	for (; *statuses; statuses += strspn(statuses, " ")) {
		if (strtol(statuses, NULL, 10) == status)
			return true;
		statuses += strcspn(statuses, " ");
	}
	return false;
}

void verify_expect_status(struct verify *v, const struct verify_reply *reply,
			  const char *statuses)
{
	verify_expect(
		v, !reply->fault && is_listed_status(statuses, reply->status),
		arena_join(v->arena, "status ", statuses),
		verify_describe(v, reply));
}

void verify_expect_refusal(struct verify *v, const struct verify_reply *reply,
			   const char *statuses)
{
	const char *message = json_text(json_member(reply->json, "message"));

	verify_expect_status(v, reply, statuses);
	verify_expect(v, message && *message,
		      "JSON with a message for the customer",
		      verify_describe(v, reply));
}
