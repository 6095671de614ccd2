/*
 * direct.c - customers to whom the vendor sells without a marketplace.
 *
 * Nobody calls: an operator creates, changes and deprovisions the resources
 * (provisor resources).  So there is no password, and no sign-on.
 */
#include "lib/dialect/dialect.h"

#define MEMBER(name) offsetof(struct provision_request, name)

/* What provisor resources create reads. */
/* clang-format off */
static const struct dialect_field direct_fields[] = {
	{ "id",      DIALECT_TEXT,    MEMBER(key),    255, DIALECT_REQUIRED },
	{ "plan",    DIALECT_TEXT,    MEMBER(plan),    64, DIALECT_REQUIRED },
	{ "name",    DIALECT_TEXT,    MEMBER(name),   255, DIALECT_OPTIONAL },
	{ "region",  DIALECT_TEXT,    MEMBER(region), 255, DIALECT_OPTIONAL },
	{ "options", DIALECT_OPTIONS, 0,                0, DIALECT_OPTIONAL },
	{ .name = NULL },
};
/* clang-format on */

static const struct dialect_token direct_tokens[] = {
	{ .field = NULL },
};

static const struct dialect_sso direct_sso = {
	.tokens = direct_tokens,
	.unit = 1000,
};

static const struct dialect_manifest direct_manifest = {
	.id = "id",
	.has_plans = true,
	.skeleton = "direct-manifest.json",
	.next_step = "provisor resources create: for each customer",
};

const struct dialect dialect_direct = {
	.name = "direct",
	.marketplace = "direct",
	.version = "1",
	.is_default = true,
	.is_direct = true,
	.manifest = &direct_manifest,
	.resources_path = "",
	.fields = direct_fields,
	.sso = &direct_sso,
};
