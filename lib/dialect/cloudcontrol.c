/*
 * cloudcontrol.c - cloudControl's provider API (2011 to 2016).
 *
 * It follows Heroku's version 1 but for the names, the statuses and the key:
 * one deployment has an add-on at most once, and may take it again later.
 * Source: the platform's own provider skeletons (201 to a create, 204 to a
 * deprovision) and its documentation's sample manifest.  No source says how
 * requests are repeated, what a second deprovision gets, or whether region,
 * options and logplex_token are sent: they are taken when they are, and a
 * second deprovision has succeeded like the first.  Of single sign-on they tell
 * the salt and the URL; the rest is as a provider of the time did it.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision, name)

/* clang-format off */
static const struct dialect_field fields[] = {
	{ "cloudcontrol_id", DIALECT_TEXT,    MEMBER(key),            255, true },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, true },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, false },
	{ "options",         DIALECT_OPTIONS, 0,                        0, false },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, false },
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
	.has_header = true,
};

const struct dialect dialect_cloudcontrol = {
	.name = "cloudcontrol",
	.marketplace = "cloudcontrol",
	.version = "1",
	.is_default = true,
	.resources_path = "/cloudcontrol/resources",
	.fields = fields,
	.key_returns = true,
	.provisioned = 201,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 204,
	.sso = &sso,
};
