/*
 * clever_cloud.c - Clever Cloud's add-on provider API.
 *
 * Sources: Clever Cloud's documentation, "Marketplace API" (2026) for
 * transport, members, 200 and the sign-on of 2025-02-10; its removal of the
 * plan change (2024-11-26) and of the old sign-on (2025-02-10); and public
 * providers of 2015 to 2019 for heroku_id, logplex_token, the old sign-on and
 * the frame.  They do not cover failures and repeated requests.
 *
 * Clever Cloud no longer sends plan changes.  A provider that gets one serves
 * it.
 */
#include "lib/dialect/dialect.h"

#include "lib/base/arena.h"
#include "lib/text/json.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field clever_cloud_fields[] = {
	{ "addon_id",      DIALECT_TEXT,    MEMBER(key),            255, DIALECT_REQUIRED },
	{ "heroku_id",     DIALECT_TEXT,    MEMBER(key),            255, DIALECT_ALTERNATIVE },
	{ "plan",          DIALECT_TEXT,    MEMBER(plan),            64, DIALECT_REQUIRED },
	{ "region",        DIALECT_TEXT,    MEMBER(region),         255, DIALECT_OPTIONAL },
	{ "options",       DIALECT_OPTIONS, 0,                        0, DIALECT_OPTIONAL },
	{ "owner_id",      DIALECT_OWNER,   0,                      255, DIALECT_OPTIONAL },
	{ "owner_name",    DIALECT_OWNER,   0,                      255, DIALECT_OPTIONAL },
	{ "user_id",       DIALECT_OWNER,   0,                      255, DIALECT_OPTIONAL },
	{ "callback_url",  DIALECT_TEXT,    MEMBER(callback_url),  2048, DIALECT_OPTIONAL },
	{ "logplex_token", DIALECT_TEXT,    MEMBER(logplex_token),  255, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

/* The old token does not sign the user, whom a customer could exchange for
 * another one. */
static const struct dialect_token clever_cloud_tokens[] = {
	{
		.field = "signature",
		.digest = DIGEST_SHA512,
		.parts = { "id", "user_id", "email", "nav-data", DIALECT_SALT,
			   "timestamp" },
		.id = "id",
		.optional = "nav-data",
	},
	{
		.field = "token",
		.digest = DIGEST_SHA1,
		.parts = { "id", DIALECT_SALT, "timestamp" },
		.id = "id",
		.is_legacy = true,
	},
	{ .field = NULL },
};

static const struct dialect_sso clever_cloud_sso = {
	.tokens = clever_cloud_tokens,
	.timestamp = "timestamp",
	.unit = 1,
	.max_age = 300000,
	.max_skew = 60000,
	.user = "user_id",
	.email = "email",
	.framed_by = "https://console.clever-cloud.com",
};

/* provider_id is the id of the manifest, and not that of the resource. */
static struct json *read_clever_cloud_app(struct arena *arena,
					  const struct json *app)
{
	const char *name = json_text(json_member(app, "provider_id"));
	const char *slug = json_text(json_member(app, "plan"));
	struct json *addon = json_object(arena);
	struct json *plan = json_object(arena);
	struct json *service = json_object(arena);

	json_put_text(addon, "id", json_text(json_member(app, "addon_id")));
	json_put_text(addon, "state", "provisioned");
	if (name && slug)
		json_put_text(plan, "name", arena_join(arena, name, ":", slug));
	json_put(addon, "plan", plan);
	json_put_text(service, "name", name);
	json_put(addon, "addon_service", service);
	return addon;
}

static const struct json *read_clever_cloud_list(struct arena *arena,
						 const struct json *body)
{
	struct json *list = json_array(arena);
	const struct json *app;

	if (!json_is_array(body))
		return NULL;
	for (app = json_first(body); app; app = json_next(app))
		json_append(list, read_clever_cloud_app(arena, app));
	return list;
}

static const struct dialect_api clever_cloud_api = {
	.url = "https://api.clever-cloud.com",
	.authorization = DIALECT_BASIC,
	.has_config_object = true,
	.reads_only_provisioned = true,
	.read = { "GET", "/v2/vendor/apps/{id}" },
	.read_config = { "GET", "/v2/vendor/apps/{id}" },
	.write_config = { "PUT", "/v2/vendor/apps/{id}" },
	.list = { "GET", "/v2/vendor/apps" },
	.read_list = read_clever_cloud_list,
};

static const char *const clever_cloud_members[] = { "name", NULL };

static const struct dialect_manifest clever_cloud_manifest = {
	.api = "api",
	.id = "id",
	.others = clever_cloud_members,
	.has_prefix = true,
	.region = "eu",
	.skeleton = "clever-cloud-manifest.json",
	.next_step = "addon-manifest.json: upload it in Clever Cloud's "
		     "console, where its id cannot change afterwards, and add "
		     "the plans there",
};

const struct dialect dialect_clever_cloud = {
	.name = "clever-cloud",
	.marketplace = "clever-cloud",
	.version = "1",
	.is_default = true,
	.manifest = &clever_cloud_manifest,
	.resources_path = "",
	.fields = clever_cloud_fields,
	.provisioned = 200,
	.provisioned_again = 200,
	.plan_changed = 200,
	.deprovisioned = 200,
	.deprovisioned_again = 200,
	.deprovisioned_unknown = 200,
	.sso = &clever_cloud_sso,
	.api = &clever_cloud_api,
};
