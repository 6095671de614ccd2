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
struct secret_keys;

/* What a listener made: objects of texts, never NULL when opened. */
struct kept {
	const struct json *config;
	const struct json *secrets; /* that a template made; NULL: none */
};

/* resources.config.  False when it does not open; that has been logged.  What
 * was never made (sealed NULL) is an empty config. */
bool kept_open(const struct secret_keys *keys, struct arena *arena,
	       const char *id, const char *sealed, struct kept *kept);
const char *kept_seal(const struct secret_keys *keys, struct arena *arena,
		      const char *id, const struct kept *kept);

enum kept_text {
	KEPT_LOG_DRAIN,  /* resources.log_drain_url */
	KEPT_LOG_INPUT,  /* resources.log_input_url */
	KEPT_GRANT_CODE, /* grants.code */
	KEPT_ACCESS,     /* grants.access */
	KEPT_REFRESH,    /* grants.refresh */
	KEPT_PREVIOUS_REFRESH
};

/* NULL for NULL; to open, also, and logged, when it does not open. */
const char *kept_open_text(const struct secret_keys *keys, struct arena *arena,
			   const char *id, enum kept_text which,
			   const char *sealed);
const char *kept_seal_text(const struct secret_keys *keys, struct arena *arena,
			   const char *id, enum kept_text which,
			   const char *text);

#endif
