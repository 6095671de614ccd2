/*
 * resource_secrets.h - seals and opens the secrets of resources.
 *
 * A sealed value is bound to its row, its column and the identity of its
 * resource, and cannot be opened elsewhere.  All results belong to the arena.
 */
#ifndef LIB_STORE_RESOURCE_SECRETS_H
#define LIB_STORE_RESOURCE_SECRETS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/crypto/sealing.h"
#include "lib/store/resource_identity.h"

struct arena;
struct json;
struct sealing_keys;

/* The numbers are also those in reseal_page.inc.sql. */
enum resource_secret {
	RESOURCE_SECRET_CONFIG,
	RESOURCE_SECRET_LOG_INPUT, /* log_input_url */
	RESOURCE_SECRET_LOG_DRAIN, /* log_drain_url */
	RESOURCE_SECRET_GRANT_CODE,
	RESOURCE_SECRET_ACCESS_TOKEN,
	RESOURCE_SECRET_REFRESH_TOKEN,
	RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN,
	RESOURCE_SECRET_OPTIONS,
	RESOURCE_SECRET_LOGPLEX_TOKEN,
	RESOURCE_SECRETS
};

/* The name of a secret's column. */
const char *resource_secrets_column(enum resource_secret which);

/* Where a secret is sealed. */
struct sealing_place
resource_secrets_place(struct arena *arena, enum resource_secret which,
		       const struct resource_identity *identity);

/* Objects of strings. */
struct resource_secrets {
	const struct json *config;  /* never NULL once opened */
	const struct json *secrets; /* a template's ${secret:NAME}; or NULL */
};

/* Open resources.config.  A NULL value means no config vars.  Return false
 * after logging why the value cannot be opened. */
MUST_CHECK bool resource_secrets_open(const struct sealing_keys *keys,
				      struct arena *arena,
				      struct resource_identity identity,
				      const char *sealed,
				      struct resource_secrets *secrets);
const char *resource_secrets_seal(const struct sealing_keys *keys,
				  struct arena *arena,
				  struct resource_identity identity,
				  const struct resource_secrets *secrets);

/* Open resources.options as an object of strings, which is empty for NULL.
 * Return false after logging why the value cannot be opened. */
MUST_CHECK bool resource_secrets_open_options(const struct sealing_keys *keys,
					      struct arena *arena,
					      struct resource_identity identity,
					      const char *sealed,
					      const struct json **options);

/* Return NULL for NULL, and after logging why the value cannot be opened. */
const char *resource_secrets_open_text(const struct sealing_keys *keys,
				       struct arena *arena,
				       struct resource_identity identity,
				       enum resource_secret which,
				       const char *sealed);

/* Return NULL for NULL. */
const char *resource_secrets_seal_text(const struct sealing_keys *keys,
				       struct arena *arena,
				       struct resource_identity identity,
				       enum resource_secret which,
				       const char *text);

#endif
