#include "lib/store/resource_secrets.h"

#include <string.h>

#include "lib/text/json.h"
#include "lib/base/log.h"
#include "lib/crypto/sealing.h"

static struct secret_place place_of_config(const char *id)
{
	return (struct secret_place){
		SECRET_CONFIG,
		"resources",
		id,
		"config",
	};
}

static struct secret_place place_of(enum kept_text which, const char *id)
{
	static const struct secret_place places[] = {
		[KEPT_LOG_DRAIN] = { SECRET_LOG_DRAIN, "resources", NULL,
				     "log_drain_url" },
		[KEPT_LOG_INPUT] = { SECRET_LOG_INPUT, "resources", NULL,
				     "log_input_url" },
		[KEPT_GRANT_CODE] = { SECRET_GRANT, "grants", NULL, "code" },
		[KEPT_ACCESS] = { SECRET_GRANT, "grants", NULL, "access" },
		[KEPT_REFRESH] = { SECRET_GRANT, "grants", NULL, "refresh" },
		[KEPT_PREVIOUS_REFRESH] = { SECRET_GRANT, "grants", NULL,
					    "previous_refresh" },
	};
	struct secret_place place = places[which];

	place.row = id;
	return place;
}

bool kept_open(const struct secret_keys *keys, struct arena *arena,
	       const char *id, const char *sealed, struct kept *kept)
{
	const char *text, *why;
	const struct json *document;

	*kept = (struct kept){ json_object(arena), NULL };
	if (!sealed)
		return true;
	text = secret_open(keys, arena, place_of_config(id), sealed);
	if (!text)
		return false;
	document = json_parse(arena, text, strlen(text), &why);
	if (!document) {
		log_error("resources.config of %s cannot be used: %s", id, why);
		return false;
	}
	kept->config = json_member(document, "config");
	kept->secrets = json_member(document, "secret");
	return true;
}

const char *kept_seal(const struct secret_keys *keys, struct arena *arena,
		      const char *id, const struct kept *kept)
{
	struct json *document = json_object(arena);

	json_put(document, "config", kept->config);
	json_put(document, "secret", kept->secrets);
	return secret_seal(keys, arena, place_of_config(id),
			   json_print(arena, document));
}

const char *kept_open_text(const struct secret_keys *keys, struct arena *arena,
			   const char *id, enum kept_text which,
			   const char *sealed)
{
	return sealed ? secret_open(keys, arena, place_of(which, id), sealed)
		      : NULL;
}

const char *kept_seal_text(const struct secret_keys *keys, struct arena *arena,
			   const char *id, enum kept_text which,
			   const char *text)
{
	return secret_seal(keys, arena, place_of(which, id), text);
}
