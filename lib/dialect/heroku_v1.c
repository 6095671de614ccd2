/*
 * heroku_v1.c - Heroku's Add-on Partner API, version 1 (legacy).
 *
 * Source: Dev Center, "Legacy Add-on Partner API Reference" (2024-02) and
 * "Add-on Provider API" (2014); what kensa, Heroku's old tester, insists on:
 * 401 before any look-up, a null logplex_token, a PUT with a foreign uuid.
 * What a repeated DELETE gets is our choice, since no page says; how far a
 * token may be ahead is, too.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision, name)

/* clang-format off */
static const struct dialect_field fields[] = {
	{ "uuid",            DIALECT_UUID,    MEMBER(key),              0, false },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, true },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, false },
	{ "options",         DIALECT_OPTIONS, 0,                        0, false },
	{ "heroku_id",       DIALECT_OWNER,   0,                      255, false },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, false },
	{ "log_input_url",   DIALECT_TEXT,    MEMBER(log_input_url), 2048, false },
	{ "log_drain_token", DIALECT_TEXT,    MEMBER(log_drain_token), 255, false },
	{ "logplex_token",   DIALECT_UNKEPT,  0,                      255, false },
	{ .name = NULL },
};

static const struct dialect_token tokens[] = {
	{ "token", DIGEST_SHA1, { "id", DIALECT_SALT, "timestamp" }, "id", false },
	{ .field = NULL },
};
/* clang-format on */

static const struct dialect_sso sso = {
	.tokens = tokens,
	.time = "timestamp",
	.unit = 1000,
	.oldest = 300000,
	.newest = 60000,
	.email = "email",
	.app = "app",
	.takes_get = true,
	.has_header = true,
};

const struct dialect dialect_heroku_v1 = {
	.name = "heroku-v1",
	.marketplace = "heroku",
	.version = "1",
	.is_default = true,
	.resources_path = "/heroku/resources",
	.fields = fields,
	.provisioned = 200,
	.plan_changed = 200,
	.deprovisioned = 200,
	.deprovisioned_again = 200,
	.sso = &sso,
};
