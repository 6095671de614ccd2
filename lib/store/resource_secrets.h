/*
 * resource_secrets.h - seals and opens the secrets of resources.
 *
 * A sealed value is bound to its row and column and cannot be opened elsewhere.
 * In all functions, id is our id of the resource.  All results belong to the
 * arena.
 */
#ifndef LIB_STORE_RESOURCE_SECRETS_H
#define LIB_STORE_RESOURCE_SECRETS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct json;
struct sealing_keys;

/* Objects of strings. */
struct resource_secrets {
	const struct json *config;  /* never NULL once opened */
	const struct json *secrets; /* a template's ${secret:NAME}; or NULL */
};

/* Open resources.config.  A NULL value means no config vars.  Return false
 * after logging why the value cannot be opened. */
MUST_CHECK bool resource_secrets_open(const struct sealing_keys *keys,
				      struct arena *arena, const char *id,
				      const char *sealed,
				      struct resource_secrets *secrets);
const char *resource_secrets_seal(const struct sealing_keys *keys,
				  struct arena *arena, const char *id,
				  const struct resource_secrets *secrets);

enum resource_secret {
	RESOURCE_SECRET_LOG_DRAIN,     /* resources.log_drain_url */
	RESOURCE_SECRET_LOG_INPUT,     /* resources.log_input_url */
	RESOURCE_SECRET_GRANT_CODE,    /* grants.code */
	RESOURCE_SECRET_ACCESS_TOKEN,  /* grants.access_token */
	RESOURCE_SECRET_REFRESH_TOKEN, /* grants.refresh_token */
	RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN
};

/* Return NULL for NULL, and after logging why the value cannot be opened. */
const char *resource_secrets_open_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *sealed);

/* Return NULL for NULL. */
const char *resource_secrets_seal_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *text);

#endif
