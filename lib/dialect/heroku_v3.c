/*
 * heroku_v3.c - Heroku's Add-on Partner API, version 3.
 *
 * Sources: Dev Center, "Add-on Partner API Reference" (2024-02, 2025-03) for
 * transport, members and statuses 202, 422 and 503; Heroku's reference add-on
 * for 204; "Add-on Single Sign-on" (2026-02) for the tokens and their 5
 * minutes.  Public v3 providers respond with 410 where we do, and Heroku treats
 * that as success.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field heroku_v3_fields[] = {
	{ "uuid",            DIALECT_UUID,    MEMBER(key),              0, DIALECT_REQUIRED },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, DIALECT_REQUIRED },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, DIALECT_OPTIONAL },
	{ "name",            DIALECT_TEXT,    MEMBER(name),           255, DIALECT_OPTIONAL },
	{ "options",         DIALECT_OPTIONS, 0,                        0, DIALECT_OPTIONAL },
	{ "oauth_grant",     DIALECT_GRANT,   0,                        0, DIALECT_OPTIONAL },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, DIALECT_OPTIONAL },
	{ "log_input_url",   DIALECT_TEXT,    MEMBER(log_input_url), 2048, DIALECT_OPTIONAL },
	{ "log_drain_token", DIALECT_TEXT,    MEMBER(log_drain_token), 255, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

#define SIGNED_AT "resource_id", DIALECT_SALT, "timestamp"

static const struct dialect_token heroku_v3_tokens[] = {
	{
		.field = "user_scoped_resource_token",
		.digest = DIGEST_SHA256,
		.parts = { SIGNED_AT, "user_id", "email" },
		.id = "resource_id",
		.id_is_key = true,
	},
	{
		.field = "resource_token",
		.digest = DIGEST_SHA1,
		.parts = { SIGNED_AT },
		.id = "resource_id",
		.id_is_key = true,
	},
	{ .field = NULL },
};

static const struct dialect_sso heroku_v3_sso = {
	.tokens = heroku_v3_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 300000,
	.max_skew = 60000,
	.user = "user_id",
	.email = "email",
	.app = "app",
};

static const struct dialect_api heroku_v3_api = {
	.url = "https://api.heroku.com",
	.token_url = "https://id.heroku.com/oauth/token",
	.is_set_by_host = true,
	.authorization = DIALECT_BEARER,
	.has_uuid = true,
	.accept = "application/vnd.heroku+json; version=3",
	.read = { "GET", "/addons/{id}" },
	.read_config = { "GET", "/addons/{id}/config" },
	.write_config = { "PATCH", "/addons/{id}/config" },
	.provisioned = { "POST", "/addons/{id}/actions/provision" },
	.deprovisioned = { "POST", "/addons/{id}/actions/deprovision" },
	.pages_by_range = true,
	.list = { "GET", "/addons" },
	.new_grant = { "GET", "/vendor/resources/{id}/oauth-grant" },
};

static const struct dialect_manifest heroku_v3_manifest = {
	.api = "api",
	.id = "id",
	.has_version = true,
	.has_requires = true,
	.has_prefix = true,
	.skeleton = "addon-manifest.json",
	.next_step = "provisor manifest push --addon SLUG --token-file FILE: "
		     "for each home, when its manifest is ready",
};

const struct dialect dialect_heroku_v3 = {
	.name = "heroku-v3",
	.marketplace = "heroku",
	.version = "3",
	.manifest = &heroku_v3_manifest,
	.resources_path = "/heroku/resources",
	.fields = heroku_v3_fields,
	.path_has_key = true,
	.buries_unseen = true,
	.may_promise = true,
	.provisioned = 200,
	.provisioned_again = 200,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 410,
	.sso = &heroku_v3_sso,
	.api = &heroku_v3_api,
};
