/*
 * resource_secrets.h - where the secrets of a resource belong, sealed.
 *
 * What is read here was written here: a value opens in the row and column it
 * was sealed for, and nowhere else.  id is that of the resource.
 */
#ifndef LIB_STORE_RESOURCE_SECRETS_H
#define LIB_STORE_RESOURCE_SECRETS_H

#include <stdbool.h>

struct arena;
struct json;
struct sealing_keys;

/* What a listener made: objects of texts, never NULL when opened. */
struct resource_secrets {
	const struct json *config;
	const struct json *secrets; /* that a template made; NULL: none */
};

/* resources.config.  False when it does not open; that has been logged.  What
 * was never made (sealed NULL) is an empty config. */
bool resource_secrets_open(const struct sealing_keys *keys, struct arena *arena,
			   const char *id, const char *sealed,
			   struct resource_secrets *kept);
const char *resource_secrets_seal(const struct sealing_keys *keys,
				  struct arena *arena, const char *id,
				  const struct resource_secrets *kept);

enum resource_secret {
	RESOURCE_SECRET_LOG_DRAIN,     /* resources.log_drain_url */
	RESOURCE_SECRET_LOG_INPUT,     /* resources.log_input_url */
	RESOURCE_SECRET_GRANT_CODE,    /* grants.code */
	RESOURCE_SECRET_ACCESS_TOKEN,  /* grants.access_token */
	RESOURCE_SECRET_REFRESH_TOKEN, /* grants.refresh_token */
	RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN
};

/* NULL for NULL; to open, also, and logged, when it does not open. */
const char *resource_secrets_open_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *sealed);
const char *resource_secrets_seal_text(const struct sealing_keys *keys,
				       struct arena *arena, const char *id,
				       enum resource_secret which,
				       const char *text);

#endif
