#include "lib/listener/hook_call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"

static void put_object(struct arena *arena, struct json *object,
		       const char *name, const struct json *value)
{
	json_put(object, name, value ? value : json_object(arena));
}

/* Read JSON that the database has stored and checked. */
static const struct json *read_stored(struct arena *arena, const char *text)
{
	const char *why;

	return text ? json_parse(arena, text, strlen(text), &why) : NULL;
}

/* Write the resource of the call or, if is_from is true, the other one. */
static const struct json *write_resource(struct arena *arena,
					 const struct listener_call *call,
					 bool is_from)
{
	const struct resource *resource = is_from ? call->from : call->resource;
	struct json *object = json_object(arena);

	json_put_text(object, "id", resource->provider_id);
	json_put_text(object, "uuid", resource->id);
	json_put_text(object, "marketplace",
		      is_from ? resource->marketplace
			      : call->addon->dialect->marketplace);
	json_put_text(object, "addon",
		      is_from ? resource->addon : call->addon->id);
	json_put_text(object, "plan", is_from ? resource->plan : call->plan);
	json_put_text(object, "old_plan", call->old_plan);
	json_put_text(object, "region", resource->region);
	json_put_text(object, "name", resource->name);
	put_object(arena, object, "options",
		   is_from ? call->options_from : call->options);
	put_object(arena, object, "owner", read_stored(arena, resource->owner));
	put_object(arena, object, "config",
		   is_from ? call->stored_from.config : call->stored.config);
	json_put_text(object, "log_input_url",
		      is_from ? NULL : call->log_input_url);
	json_put_text(object, "logplex_token",
		      is_from ? NULL : call->logplex_token);
	json_put_text(object, "log_drain_token", resource->log_drain_token);
	json_put_text(object, "callback_url", resource->callback_url);
	json_put_text(object, "state", resource_state_name(resource->state));
	return object;
}

static const struct json *
write_platform(struct arena *arena, const struct listener_platform *platform)
{
	struct json *object = json_object(arena);

	json_put_text(object, "url", platform->url);
	json_put_text(object, "access_token", platform->access_token);
	json_put_text(object, "expires_at",
		      iso8601_write(arena, platform->expires_at));
	return object;
}

const struct json *hook_call_write(struct arena *arena,
				   const struct listener_call *call,
				   int seconds, int64_t deadline)
{
	struct json *document = json_object(arena);

	json_put_int(document, "version", 1);
	json_put_text(document, "action", listener_action_name(call->action));
	json_put_text(document, "key", call->key);
	json_put_int(document, "attempt", call->attempt);
	json_put_int(document, "seconds", seconds);
	json_put_text(document, "deadline", iso8601_write(arena, deadline));
	json_put(document, "resource", write_resource(arena, call, false));
	if (call->from)
		json_put(document, "from", write_resource(arena, call, true));
	if (call->platform.access_token)
		json_put(document, "platform",
			 write_platform(arena, &call->platform));
	if (call->action == LISTENER_SIGN_ON) {
		put_object(arena, document, "user", call->user);
		json_put_bool(document, "signed", call->user_is_signed);
		put_object(arena, document, "parameters", call->parameters);
	}
	if (call->action == LISTENER_ROTATE)
		json_put_int(document, "overlap", call->overlap);
	return document;
}
