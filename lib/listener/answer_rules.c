#include "lib/listener/answer_rules.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/sign_on_target.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"
#include "lib/text/url.h"

enum {
	LONGEST_VALUE = 32 * 1024, /* bytes, like the following */
	LARGEST_CONFIG = 64 * 1024,
	LONGEST_MESSAGE = 1024,
	LARGEST_SESSION = 768, /* 1 KiB as base64url */
	LONGEST_ID = 255       /* characters */
};

const char *answer_rules_config_name(const struct addon *addon,
				     struct arena *arena, const char *name)
{
	if (addon_declares(addon, name))
		return NULL;
	return arena_printf(arena,
			    "is not in config_vars of "
			    "%s/%s: add it there, or correct the name here",
			    addon->home, addon->manifest);
}

bool answer_rules_is_url_name(const char *name)
{
	static const char end[] = "_URL";
	size_t length = strlen(name);

	return length >= strlen(end)
		&& strcmp(name + length - strlen(end), end) == 0;
}

const char *answer_rules_config_value(const char *name, const char *value)
{
	if (!value)
		return "must be a string";
	if (!*value && answer_rules_is_url_name(name))
		return "must not be empty, since its name ends in _URL: leave "
		       "it out, or unset it";
	if (!utf8_is_valid(value))
		return "must be UTF-8";
	if (strlen(value) > LONGEST_VALUE)
		return "must be at most 32 KiB";
	return NULL;
}

/* Return true if the config vars cannot be too long: JSON has at most six bytes
 * for each byte of a text, as in \u0001, and six around two texts. */
static bool is_surely_short(const struct json *config)
{
	const struct json *var = json_first(config);
	size_t texts = 1;

	for (; var && json_text(var); var = json_next(var))
		texts += strlen(json_name(var)) + strlen(json_text(var)) + 1;
	return !var && 6 * texts <= LARGEST_CONFIG;
}

/* Few config vars need to be written to know that they are not too long. */
const char *answer_rules_config_size(struct arena *arena,
				     const struct json *config)
{
	if (!is_surely_short(config)
	    && strlen(json_print(arena, config)) > LARGEST_CONFIG)
		return "must be at most 64 KiB of JSON: shorten its values";
	return NULL;
}

const char *answer_rules_message(const char *message)
{
	if (message && strlen(message) <= LONGEST_MESSAGE
	    && !utf8_has_controls(message))
		return NULL;
	return "must be a sentence of at most 1 KiB, without line breaks";
}

const char *answer_rules_id(const char *id)
{
	int length = id ? utf8_count(id) : 0;

	if (length >= 1 && length <= LONGEST_ID && !utf8_has_controls(id)
	    && strcmp(id, ".") != 0 && strcmp(id, "..") != 0)
		return NULL;
	return "must be 1 to 255 characters without control characters, and "
	       "not . or ..";
}

const char *answer_rules_log_drain_url(const struct addon *addon,
				       struct arena *arena, const char *url)
{
	return url_read(arena, url,
			addon->drains_by_syslog ? URL_OR_SYSLOG : URL_HTTPS)
		.fault;
}

const char *answer_rules_redirect(struct arena *arena, const char *text)
{
	return sign_on_target_fault(arena, text);
}

const char *answer_rules_session(struct arena *arena,
				 const struct json *session)
{
	if (!json_is_text_object(session))
		return "must be an object of strings";
	if (strlen(json_print(arena, session)) > LARGEST_SESSION)
		return "must be at most 768 bytes of JSON";
	return NULL;
}
