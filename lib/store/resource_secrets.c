#include "lib/store/resource_secrets.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/crypto/sealing.h"
#include "lib/text/json.h"

static struct sealing_place find_config_place(const char *id)
{
	return (struct sealing_place){
		SEALING_CONFIG,
		"resources",
		id,
		"config",
	};
}

static struct sealing_place find_secret_place(enum resource_secret which,
					      const char *id)
{
	static const struct sealing_place places[] = {
		[RESOURCE_SECRET_LOG_DRAIN] = { SEALING_LOG_DRAIN, "resources",
						NULL, "log_drain_url" },
		[RESOURCE_SECRET_LOG_INPUT] = { SEALING_LOG_INPUT, "resources",
						NULL, "log_input_url" },
		[RESOURCE_SECRET_GRANT_CODE] = { SEALING_GRANT, "grants", NULL,
						 "code" },
		[RESOURCE_SECRET_ACCESS_TOKEN] = { SEALING_GRANT, "grants",
						   NULL, "access_token" },
		[RESOURCE_SECRET_REFRESH_TOKEN] = { SEALING_GRANT, "grants",
						    NULL, "refresh_token" },
		[RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN] = { SEALING_GRANT,
							     "grants", NULL,
							     "previous_refresh_token" },
	};
	struct sealing_place place = places[which];

	place.row = id;
	return place;
}

bool resource_secrets_open(const struct sealing_keys *keys, struct arena *arena,
			   const char *id, const char *sealed,
			   struct resource_secrets *secrets)
{
	const char *text, *why;
	const struct json *document;

	*secrets = (struct resource_secrets){ json_object(arena), NULL };
	if (!sealed)
		return true;
	text = sealing_open(keys, arena, find_config_place(id), sealed);
	if (!text)
		return false;
	document = json_parse(arena, text, strlen(text), &why);
	if (!document) {
		log_error("resource %s: its config is not valid JSON: %s", id,
			  why);
		return false;
	}
	secrets->config = json_member(document, "config");
	secrets->secrets = json_member(document, "secret");
	return true;
}

const char *resource_secrets_seal(const struct sealing_keys *keys,
				  struct arena *arena, const char *id,
				  const struct resource_secrets *secrets)
{
	struct json *document = json_object(arena);

	json_put(document, "config", secrets->config);
	json_put(document, "secret", secrets->secrets);
	return sealing_seal(keys, arena, find_config_place(id),
			    json_print(arena, document));
}

const char *resource_secrets_open_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *sealed)
{
	return sealed ? sealing_open(keys, arena, find_secret_place(which, id),
				     sealed)
		      : NULL;
}

const char *resource_secrets_seal_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *text)
{
	return sealing_seal(keys, arena, find_secret_place(which, id), text);
}
