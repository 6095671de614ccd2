/*
 * cloudcontrol.c - cloudControl's provider API (2011 to 2016).
 *
 * The API is Heroku's version 1 with other names and status codes.  Its key is
 * a deployment, which has an add-on at most once at a time, but may add it
 * again after a deprovision.
 *
 * Sources: cloudControl's provider skeletons (201 for a create, 204 for a
 * deprovision) and the sample manifest in its documentation.  They do not cover
 * repeated requests, a second deprovision, or whether region, options and
 * logplex_token are sent.  We accept these members, and a second deprovision
 * gets the same response as the first.  For single sign-on they give the salt
 * and the URL; the rest follows a provider of that time.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field cloudcontrol_fields[] = {
	{ "cloudcontrol_id", DIALECT_TEXT,    MEMBER(key),            255, DIALECT_REQUIRED },
	{ "plan",            DIALECT_TEXT,    MEMBER(plan),            64, DIALECT_REQUIRED },
	{ "region",          DIALECT_TEXT,    MEMBER(region),         255, DIALECT_OPTIONAL },
	{ "options",         DIALECT_OPTIONS, 0,                        0, DIALECT_OPTIONAL },
	{ "callback_url",    DIALECT_TEXT,    MEMBER(callback_url),  2048, DIALECT_OPTIONAL },
	{ "logplex_token",   DIALECT_TEXT,    MEMBER(logplex_token),  255, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

static const struct dialect_token cloudcontrol_tokens[] = {
	{
		.field = "token",
		.digest = DIGEST_SHA1,
		.parts = { "id", DIALECT_SALT, "timestamp" },
		.id = "id",
	},
	{ .field = NULL },
};

static const struct dialect_sso cloudcontrol_sso = {
	.tokens = cloudcontrol_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 300000,
	.max_skew = 60000,
	.email = "email",
	.app = "app",
	.has_nav_header = true,
};

static const struct dialect_manifest cloudcontrol_manifest = {
	.api = "api",
	.id = "id",
	.has_version = true,
	.has_requires = true,
	.has_prefix = true,
	.skeleton = "addon-manifest.json",
};

const struct dialect dialect_cloudcontrol = {
	.name = "cloudcontrol",
	.marketplace = "cloudcontrol",
	.version = "1",
	.is_default = true,
	.manifest = &cloudcontrol_manifest,
	.resources_path = "/cloudcontrol/resources",
	.fields = cloudcontrol_fields,
	.key_returns = true,
	.provisioned = 201,
	.provisioned_again = 201,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 204,
	.sso = &cloudcontrol_sso,
};
