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
	{ "uuid",            DIALECT_UUID,    MEMBER(key),              0, true },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, true },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, false },
	{ "name",            DIALECT_TEXT,    MEMBER(name),           255, false },
	{ "options",         DIALECT_OPTIONS, 0,                        0, false },
	{ "oauth_grant",     DIALECT_GRANT,   0,                        0, false },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, false },
	{ "log_input_url",   DIALECT_TEXT,    MEMBER(log_input_url), 2048, false },
	{ "log_drain_token", DIALECT_TEXT,    MEMBER(log_drain_token), 255, false },
	{ .name = NULL },
};

#define SIGNED_AT "resource_id", DIALECT_SALT, "timestamp"

static const struct dialect_token heroku_v3_tokens[] = {
	{ "user_scoped_resource_token", DIGEST_SHA256, { SIGNED_AT, "user_id", "email" }, "resource_id", true },
	{ "resource_token",             DIGEST_SHA1,   { SIGNED_AT },                     "resource_id", true },
	{ .field = NULL },
};
/* clang-format on */

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

const struct dialect dialect_heroku_v3 = {
	.name = "heroku-v3",
	.marketplace = "heroku",
	.version = "3",
	.resources_path = "/heroku/resources",
	.fields = heroku_v3_fields,
	.path_has_key = true,
	.buries_unseen = true,
	.may_promise = true,
	.provisioned = 200,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 410,
	.sso = &heroku_v3_sso,
};
