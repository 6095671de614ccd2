/*
 * digitalocean.c - DigitalOcean's API for SaaS add-ons.
 *
 * Sources: DigitalOcean's sample provider (2023) and a provider in production
 * (2022), since the vendors' documentation is not public.  Where they differ,
 * we respond as the second one: 201, 204 and 401.  Neither repeats a provision
 * whose resource is gone, or covers a late one.
 *
 * metadata was called options in earlier versions.
 */
#include "lib/dialect/dialect.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field digitalocean_fields[] = {
	{ "uuid",          DIALECT_UUID,          MEMBER(key),            0, DIALECT_REQUIRED },
	{ "plan_slug",     DIALECT_TEXT,          MEMBER(plan),          64, DIALECT_REQUIRED },
	{ "resource_name", DIALECT_TEXT,          MEMBER(name),         255, DIALECT_OPTIONAL },
	{ "metadata",      DIALECT_METADATA,      MEMBER(options),        0, DIALECT_OPTIONAL },
	{ "options",       DIALECT_METADATA,      MEMBER(options),        0, DIALECT_ALTERNATIVE },
	{ "email",         DIALECT_OWNER,         0,                    255, DIALECT_OPTIONAL },
	{ "creator_id",    DIALECT_OWNER,         0,                    255, DIALECT_OPTIONAL },
	{ "callback_url",  DIALECT_TEXT,          MEMBER(callback_url), 2048, DIALECT_OPTIONAL },
	{ "oauth_grant",   DIALECT_GRANT_SECONDS, 0,                      0, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

/* It does not sign the user. */
static const struct dialect_token digitalocean_tokens[] = {
	{
		.field = "token",
		.is_keyed = true,
		.parts = { "timestamp", "resource_uuid" },
		.id = "resource_uuid",
		.id_is_key = true,
	},
	{ .field = NULL },
};

static const struct dialect_sso digitalocean_sso = {
	.tokens = digitalocean_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 120000,
	.max_skew = 60000,
	.user = "user_id",
	.email = "user_email",
	.refused = 401,
};

/* ---- notifications ---- */

static const struct {
	const char *type;
	enum dialect_event event;
} digitalocean_events[] = {
	{ "resources.suspended", DIALECT_SUSPENDED },
	{ "resources.reactivated", DIALECT_RESUMED },
	/* DigitalOcean goes on after a failed deprovision. */
	{ "resources.deprovisioning.failed", DIALECT_DEPROVISIONED },
	{ "resources.updated", DIALECT_PLAN_CHANGED },
};

static enum dialect_event find_digitalocean_event(const char *type)
{
	for (size_t i = 0; i < COUNT(digitalocean_events); i++)
		if (strcmp(digitalocean_events[i].type, type) == 0)
			return digitalocean_events[i].event;
	return DIALECT_NO_EVENT;
}

enum {
	LONGEST_KEY = 255, /* bytes */
	LONGEST_PLAN = 64  /* characters, as in a provision */
};

static bool are_keys(const struct json *keys)
{
	const struct json *key;

	if (!json_is_array(keys) || json_count(keys) > DIALECT_MAX_REPORTED)
		return false;
	for (key = json_first(keys); key; key = json_next(key))
		if (!json_text(key) || strlen(json_text(key)) > LONGEST_KEY)
			return false;
	return true;
}

/* An update that changes no plan may have none. */
static bool is_plan(const char *plan)
{
	return !plan || (*plan && utf8_count(plan) <= LONGEST_PLAN);
}

static const struct json *list_one_key(struct arena *arena,
				       const struct json *key)
{
	struct json *keys = json_array(arena);

	if (json_text(key))
		json_append(keys, key);
	return keys;
}

static bool
read_digitalocean_notification(struct arena *arena, const struct json *body,
			       struct dialect_notification *notification,
			       const char **message)
{
	const struct json *created_at = json_member(body, "created_at");
	const struct json *payload = json_member(body, "payload");
	const struct json *resource = json_member(payload, "resource");

	*notification = (struct dialect_notification){
		.type = json_text(json_member(body, "type")),
		.keys = json_member(payload, "resources_uuids"),
		.plan = json_text(
			json_member(json_member(payload, "plan"), "slug")),
	};
	if (resource)
		notification->keys =
			list_one_key(arena, json_member(resource, "uuid"));
	*message = NULL;
	if (!notification->type)
		*message = "\"type\" must be a string.";
	else if (!created_at
		 || !number_read(json_print(arena, created_at), 0, INT64_MAX,
				 &notification->created_at))
		*message = "\"created_at\" must be a number of seconds since "
			   "1970.";
	if (*message)
		return false;
	notification->event = find_digitalocean_event(notification->type);
	if (notification->event != DIALECT_NO_EVENT
	    && !are_keys(notification->keys))
		*message = "\"payload\" must have resources_uuids, an array of "
			   "at most 1000 strings, or resource with a uuid.";
	else if (!is_plan(notification->plan))
		*message = "\"slug\" of the plan must have 1 to 64 characters.";
	return !*message;
}

static const struct dialect_api digitalocean_api = {
	.url = "https://api.digitalocean.com/v2/add-ons",
	.token_url = "https://api.digitalocean.com/v2/add-ons/oauth/token",
	.authorization = DIALECT_BEARER,
	.has_uuid = true,
	.sends_json_for_tokens = true,
	.has_config_object = true,
	.write_config = { "PATCH", "/resources/{id}/config" },
};

static const struct dialect_manifest digitalocean_manifest = {
	.id = "slug",
	.has_plans = true,
	.adds_prefix = true,
	.skeleton = "digitalocean-manifest.json",
	.next_step = "addon-manifest.json: replace slug, password, sso_salt "
		     "and plans with those of DigitalOcean's vendor portal, "
		     "and enter the URLs there",
};

const struct dialect dialect_digitalocean = {
	.name = "digitalocean",
	.marketplace = "digitalocean",
	.version = "1",
	.is_default = true,
	.manifest = &digitalocean_manifest,
	.resources_path = "/digitalocean/resources",
	.fields = digitalocean_fields,
	.path_has_key = true,
	.buries_unseen = true,
	.provisioned = 201,
	.provisioned_again = 200,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 404,
	.sso = &digitalocean_sso,
	.api = &digitalocean_api,
	.notifications_path = "/digitalocean/notifications",
	.read_notification = read_digitalocean_notification,
};
