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
	{ "uuid",            DIALECT_UUID,    MEMBER(key),              0, DIALECT_OPTIONAL },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, DIALECT_REQUIRED },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, DIALECT_OPTIONAL },
	{ "options",         DIALECT_OPTIONS, 0,                        0, DIALECT_OPTIONAL },
	{ "heroku_id",       DIALECT_OWNER,   0,                      255, DIALECT_OPTIONAL },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, DIALECT_OPTIONAL },
	{ "log_input_url",   DIALECT_TEXT,    MEMBER(log_input_url), 2048, DIALECT_OPTIONAL },
	{ "log_drain_token", DIALECT_TEXT,    MEMBER(log_drain_token), 255, DIALECT_OPTIONAL },
	{ "logplex_token",   DIALECT_TEXT,    MEMBER(logplex_token),  255, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

static const struct dialect_token heroku_v1_tokens[] = {
	{
		.field = "token",
		.digest = DIGEST_SHA1,
		.parts = { "id", DIALECT_SALT, "timestamp" },
		.id = "id",
	},
	{ .field = NULL },
};

static const struct dialect_sso heroku_v1_sso = {
	.tokens = heroku_v1_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 300000,
	.max_skew = 60000,
	.email = "email",
	.app = "app",
	.get = DIALECT_GET_RESOURCE,
	.has_nav_header = true,
};

/* kensa knows the first seven; the others are those of Private Spaces (Dev
 * Center, "Regions"). */
static const char *const heroku_regions[] = {
	"us",       "eu",        "frankfurt", "oregon", "tokyo",
	"virginia", "*",         "dublin",    "london", "montreal",
	"mumbai",   "singapore", "sydney",    NULL,
};

static const struct dialect_manifest heroku_v1_manifest = {
	.api = "api",
	.id = "id",
	.has_version = true,
	.has_requires = true,
	.has_prefix = true,
	.host = "https://addons.heroku.com",
	.regions = heroku_regions,
	.has_test = true,
	.skeleton = "kensa-manifest.json",
	.next_step = "provisor manifest push --addon SLUG --token-file FILE: "
		     "for each home, when its manifest is ready",
};

const struct dialect dialect_heroku_v1 = {
	.name = "heroku-v1",
	.marketplace = "heroku",
	.version = "1",
	.is_default = true,
	.manifest = &heroku_v1_manifest,
	.resources_path = "/heroku/resources",
	.fields = heroku_v1_fields,
	.provisioned = 200,
	.provisioned_again = 200,
	.plan_changed = 200,
	.deprovisioned = 200,
	.deprovisioned_again = 200,
	.sso = &heroku_v1_sso,
};
