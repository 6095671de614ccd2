#include "lib/store/resource_secrets.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/crypto/sealing.h"
#include "lib/text/json.h"

/* clang-format off */
static const struct {
	const char *column; /* of the table resources */
	enum sealing_purpose purpose;
	bool has_provider_id; /* it is sealed for provider_id, too */
} secret_places[RESOURCE_SECRETS] = {
	[RESOURCE_SECRET_CONFIG]                 = { "config",                  SEALING_CONFIG,   true },
	[RESOURCE_SECRET_LOG_INPUT]              = { "log_input_url",           SEALING_LOG_INPUT, false },
	[RESOURCE_SECRET_LOG_DRAIN]              = { "log_drain_url",           SEALING_LOG_DRAIN,false },
	[RESOURCE_SECRET_GRANT_CODE]             = { "grant_code",              SEALING_GRANT,    false },
	[RESOURCE_SECRET_ACCESS_TOKEN]           = { "access_token",            SEALING_GRANT,    false },
	[RESOURCE_SECRET_REFRESH_TOKEN]          = { "refresh_token",           SEALING_GRANT,    false },
	[RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN] = { "previous_refresh_token",  SEALING_GRANT,    false },
	[RESOURCE_SECRET_OPTIONS]                = { "options",                 SEALING_OPTIONS,  false },
	[RESOURCE_SECRET_LOGPLEX_TOKEN]          = { "logplex_token",           SEALING_LOG_INPUT, false },
};
/* clang-format on */

const char *resource_secrets_column(enum resource_secret which)
{
	return secret_places[which].column;
}

struct sealing_place
resource_secrets_place(struct arena *arena, enum resource_secret which,
		       const struct resource_identity *identity)
{
	struct resource_identity owner = *identity;

	if (!secret_places[which].has_provider_id)
		owner.provider_id = NULL;
	return (struct sealing_place){
		.purpose = secret_places[which].purpose,
		.table = "resources",
		.row = identity->id,
		.column = secret_places[which].column,
		.owner = resource_identity_text(arena, &owner),
	};
}

/* Open a value that is JSON.  Return NULL after logging why it cannot be
 * opened. */
static const struct json *open_json(const struct sealing_keys *keys,
				    struct arena *arena,
				    const struct resource_identity *identity,
				    enum resource_secret which,
				    const char *sealed)
{
	const char *text = sealing_open(
		keys, arena, resource_secrets_place(arena, which, identity),
		sealed);
	const struct json *document;
	const char *why;

	if (!text)
		return NULL;
	document = json_parse(arena, text, strlen(text), &why);
	if (!document)
		log_error("resource %s: its %s is not valid JSON: %s",
			  identity->id, secret_places[which].column, why);
	return document;
}

bool resource_secrets_open(const struct sealing_keys *keys, struct arena *arena,
			   struct resource_identity identity,
			   const char *sealed, struct resource_secrets *secrets)
{
	const struct json *document;

	*secrets = (struct resource_secrets){ json_object(arena), NULL };
	if (!sealed)
		return true;
	document = open_json(keys, arena, &identity, RESOURCE_SECRET_CONFIG,
			     sealed);
	if (!document)
		return false;
	secrets->config = json_member(document, "config");
	secrets->secrets = json_member(document, "secret");
	return true;
}

const char *resource_secrets_seal(const struct sealing_keys *keys,
				  struct arena *arena,
				  struct resource_identity identity,
				  const struct resource_secrets *secrets)
{
	struct json *document = json_object(arena);

	json_refer(document, "config", secrets->config);
	json_refer(document, "secret", secrets->secrets);
	return sealing_seal(keys, arena,
			    resource_secrets_place(
				    arena, RESOURCE_SECRET_CONFIG, &identity),
			    json_print(arena, document));
}

bool resource_secrets_open_options(const struct sealing_keys *keys,
				   struct arena *arena,
				   struct resource_identity identity,
				   const char *sealed,
				   const struct json **options)
{
	*options = sealed ? open_json(keys, arena, &identity,
				      RESOURCE_SECRET_OPTIONS, sealed)
			  : json_object(arena);
	return *options;
}

const char *resource_secrets_open_text(const struct sealing_keys *keys,
				       struct arena *arena,
				       struct resource_identity identity,
				       enum resource_secret which,
				       const char *sealed)
{
	return sealed
		? sealing_open(keys, arena,
			       resource_secrets_place(arena, which, &identity),
			       sealed)
		: NULL;
}

const char *resource_secrets_seal_text(const struct sealing_keys *keys,
				       struct arena *arena,
				       struct resource_identity identity,
				       enum resource_secret which,
				       const char *text)
{
	return sealing_seal(keys, arena,
			    resource_secrets_place(arena, which, &identity),
			    text);
}
