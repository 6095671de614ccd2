/*
 * scalingo.c - Scalingo's add-on provider API.
 *
 * Sources: developers.scalingo.com, "Add-on Provider API" and "Manifest"
 * (2026); Scalingo's Rails skeleton (2021) for uuid, 422 with "error", suspend
 * and resume, 204 and the 5 minutes.  They do not cover repeated requests and a
 * second deprovision, and how a resource that was accepted with 202 is reported
 * as complete, so no resource is.
 *
 * app_id names an app and not an installation; it becomes the name of the
 * resource.  Without uuid, a repeated request cannot be told from a second
 * installation in the app and creates one.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* clang-format off */
static const struct dialect_field scalingo_fields[] = {
	{ "uuid",    DIALECT_TEXT,     MEMBER(key),    255, DIALECT_REQUIRED },
	{ "app_id",  DIALECT_TEXT,     MEMBER(name),   255, DIALECT_ALTERNATIVE },
	{ "plan",    DIALECT_TEXT,     MEMBER(plan),    64, DIALECT_REQUIRED },
	{ "region",  DIALECT_TEXT,     MEMBER(region), 255, DIALECT_OPTIONAL },
	{ "options", DIALECT_METADATA, 0,                0, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

static const struct dialect_token scalingo_tokens[] = {
	{
		.field = "token",
		.digest = DIGEST_SHA1,
		.parts = { "id", DIALECT_SALT, "timestamp" },
		.id = "id",
	},
	{ .field = NULL },
};

static const struct dialect_sso scalingo_sso = {
	.tokens = scalingo_tokens,
	.timestamp = "timestamp",
	.unit = 1000,
	.max_age = 300000,
	.max_skew = 60000,
	.get = DIALECT_GET_SSO_URL,
};

/* The host is that of the region. */
static const struct dialect_api scalingo_api = {
	.url = "https://api.osc-fr1.scalingo.com",
	.authorization = DIALECT_BASIC,
	.names_app = true,
	.has_config_object = true,
	.reads_only_provisioned = true,
	.read = { "GET", "/v1/provider/apps/{id}" },
	.read_config = { "GET", "/v1/provider/apps/{id}" },
	.write_config = { "PATCH", "/v1/provider/apps/{id}" },
};

static const char *const scalingo_members[] = {
	"name",        "logo_url",     "short_description",
	"description", "test_sso_url", NULL,
};

static const struct dialect_manifest scalingo_manifest = {
	.user = "username",
	.others = scalingo_members,
	.log_drain = "log_drain",
	.has_plans = true,
	.skeleton = "scalingo-manifest.json",
	.next_step = "addon-manifest.json: describe the add-on and its plans, "
		     "and send the file to Scalingo by e-mail",
};

const struct dialect dialect_scalingo = {
	.name = "scalingo",
	.marketplace = "scalingo",
	.version = "1",
	.is_default = true,
	.manifest = &scalingo_manifest,
	.resources_path = "",
	.fields = scalingo_fields,
	.suspends = true,
	.provisioned = 201,
	.provisioned_again = 200,
	.plan_changed = 200,
	.deprovisioned = 204,
	.deprovisioned_again = 204,
	.reason = "error",
	.sso = &scalingo_sso,
	.api = &scalingo_api,
};
