/*
 * template.h - config vars from a template, without vendor code.
 *
 * The home's template.json reads
 *
 *     {"config":{"NAME":"…"}, "message":"…", "plan_message":"…",
 *      "log_drain_url":"…"}
 *
 * and its texts may hold ${id}, ${plan}, ${region}, ${name}, ${option.NAME}
 * (each empty where it is absent) and ${secret:NAME}: 24 random bytes as
 * base64url, made once for a resource and kept.  In log_drain_url, and in a
 * config var whose name ends in _URL, what is put in is percent-encoded.
 */
#ifndef LIB_LISTENER_TEMPLATE_H
#define LIB_LISTENER_TEMPLATE_H

#include <stdbool.h>

struct addon;
struct arena;
struct findings;
struct json;
struct template;

/*
 * Read and check the template of an add-on, whose config_vars it must keep to.
 * NULL, with errors in findings, when it cannot be used.  It lives as long as
 * the add-on.
 */
struct template *template_open(const struct addon *addon,
			       struct findings *findings);

/* Does config hold secrets that a rendering without those made before makes
 * anew? */
bool template_has_secrets(const struct template *template);

/* What is put into the texts.  NULL stands for nothing. */
struct template_values {
	const char *id; /* as we answer it */
	const char *plan;
	const char *region;
	const char *name;
	const struct json *options; /* an object of texts */
	const struct json *secrets; /* an object of texts: those made before */
};

/* What came out.  A text that template.json lacks is NULL. */
struct template_result {
	const struct json *config;  /* an object of texts */
	const struct json *secrets; /* those made before, and new ones */
	const char *message;
	const char *plan_message;
	const char *log_drain_url;
};

struct template_result template_render(const struct template *template,
				       struct arena *arena,
				       const struct template_values *values);

#endif
