/*
 * heroku_v1.c - Heroku's Add-on Partner API, version 1 (legacy).
 *
 * Sources: Dev Center, "Legacy Add-on Partner API Reference" (2024-02) and
 * "Add-on Provider API" (2014); and kensa, Heroku's former test program, which
 * requires 401 before any look-up, and sends a null logplex_token and a PUT
 * with another uuid.  The response to a repeated DELETE and the permitted clock
 * skew of tokens are our choice, because no source defines them.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field heroku_v1_fields[] = {
	{ "uuid",            DIALECT_UUID,    MEMBER(key),              0, false },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, true },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, false },
	{ "options",         DIALECT_OPTIONS, 0,                        0, false },
	{ "heroku_id",       DIALECT_OWNER,   0,                      255, false },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, false },
	{ "log_input_url",   DIALECT_TEXT,    MEMBER(log_input_url), 2048, false },
	{ "log_drain_token", DIALECT_TEXT,    MEMBER(log_drain_token), 255, false },
	{ "logplex_token",   DIALECT_TEXT,    MEMBER(logplex_token),  255, false },
	{ .name = NULL },
};

static const struct dialect_token heroku_v1_tokens[] = {
	{ "token", DIGEST_SHA1, { "id", DIALECT_SALT, "timestamp" }, "id", false },
	{ .field = NULL },
};
/* clang-format on */

static const struct dialect_sso heroku_v1_sso = {
	.tokens = heroku_v1_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 300000,
	.max_skew = 60000,
	.email = "email",
	.app = "app",
	.accepts_get = true,
	.has_nav_header = true,
};

const struct dialect dialect_heroku_v1 = {
	.name = "heroku-v1",
	.marketplace = "heroku",
	.version = "1",
	.is_default = true,
	.resources_path = "/heroku/resources",
	.fields = heroku_v1_fields,
	.provisioned = 200,
	.plan_changed = 200,
	.deprovisioned = 200,
	.deprovisioned_again = 200,
	.sso = &heroku_v1_sso,
};
