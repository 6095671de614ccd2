#include "lib/platform/call_form.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/platform/platform.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/text/uuid.h"

const char *call_form_name(enum platform_call call)
{
	static const char *const names[] = {
		[PLATFORM_READ] = "reading the resource",
		[PLATFORM_READ_CONFIG] = "reading config vars",
		[PLATFORM_WRITE_CONFIG] = "sending config vars",
		[PLATFORM_PROVISIONED] = "reporting a provision",
		[PLATFORM_DEPROVISIONED] = "reporting a refusal",
		[PLATFORM_OTHER] = "a call",
		[PLATFORM_LIST] = "listing resources",
	};

	return names[call];
}

struct dialect_call call_form_find(const struct dialect_api *form,
				   const struct platform_request *request)
{
	const struct dialect_call calls[] = {
		[PLATFORM_READ] = form->read,
		[PLATFORM_READ_CONFIG] = form->read_config,
		[PLATFORM_WRITE_CONFIG] = form->write_config,
		[PLATFORM_PROVISIONED] = form->provisioned,
		[PLATFORM_DEPROVISIONED] = form->deprovisioned,
		[PLATFORM_OTHER] = { request->method, request->path },
		[PLATFORM_LIST] = form->list,
	};

	return calls[request->call];
}

/* Return the id as it is in a path, or NULL if there is none or it is not
 * valid.
 */
static const char *write_call_id(struct arena *arena,
				 const struct dialect_api *form, const char *id)
{
	char *uuid = arena_alloc(arena, UUID_LENGTH + 1);

	if (form->has_uuid)
		return id && uuid_read(id, uuid) ? uuid : NULL;
	return id && *id ? percent_encode(arena, id) : NULL;
}

const char *call_form_path(struct arena *arena, const struct dialect_api *form,
			   const char *path, const char *id)
{
	static const char name[] = "{id}";
	const char *at = strstr(path, name);

	if (!at)
		return path;
	id = write_call_id(arena, form, id);
	return id ? arena_printf(arena, "%.*s%s%s", (int)(at - path), path, id,
				 at + strlen(name))
		  : NULL;
}

/* ---- config vars ---- */

/* Return an array of objects with name and value. */
static struct json *list_pairs(struct arena *arena, const struct json *config)
{
	struct json *list = json_array(arena);
	const struct json *var = json_first(config);

	for (; var; var = json_next(var)) {
		struct json *entry = json_object(arena);

		json_put_text(entry, "name", json_name(var));
		json_put(entry, "value", var);
		json_append(list, entry);
	}
	return list;
}

/* {"config":{NAME:VALUE,...}}, or the same as an array of objects with name and
 * value. */
static const char *write_config_body(struct arena *arena,
				     const struct dialect_api *form,
				     const struct json *config)
{
	struct json *body = json_object(arena);

	json_put(body, "config",
		 form->has_config_object ? config : list_pairs(arena, config));
	return json_print(arena, body);
}

/* Return the config vars in body as list_pairs() does, or NULL if it has none.
 */
static const struct json *read_config_body(struct arena *arena,
					   const struct dialect_api *form,
					   const struct json *body)
{
	const struct json *config = json_member(body, "config");

	if (!form->has_config_object)
		return json_is_array(body) ? body : NULL;
	return json_is_object(config) ? list_pairs(arena, config) : NULL;
}

const char *call_form_write(struct arena *arena, const struct dialect_api *form,
			    const struct platform_request *request,
			    const char *method)
{
	if (request->call == PLATFORM_WRITE_CONFIG)
		return write_config_body(arena, form, request->config);
	if (request->call == PLATFORM_OTHER)
		return request->body;
	return strcmp(method, "POST") == 0 ? "" : NULL;
}

const struct json *call_form_read(struct arena *arena,
				  const struct dialect_api *form,
				  enum platform_call call,
				  const struct json *body)
{
	struct json *copy;

	switch (call) {
	case PLATFORM_READ_CONFIG:
		return read_config_body(arena, form, body);
	case PLATFORM_LIST:
		if (form->read_list)
			return form->read_list(arena, body);
		return json_is_array(body) ? body : NULL;
	case PLATFORM_READ:
		if (!json_is_object(body))
			return NULL;
		if (!form->reads_only_provisioned || json_member(body, "state"))
			return body;
		copy = json_copy(arena, body);
		json_put_text(copy, "state", "provisioned");
		return copy;
	default:
		return body;
	}
}
