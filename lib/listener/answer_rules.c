#include "lib/listener/answer_rules.h"

#include <stdbool.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/url.h"
#include "lib/text/utf8.h"

enum {
	LONGEST_VALUE = 32 * 1024, /* bytes, like the following */
	LONGEST_MESSAGE = 1024,
	LARGEST_SESSION = 768 /* 1 KiB as base64url */
};

const char *answer_rules_config_name(const struct addon *addon,
				     struct arena *arena, const char *name)
{
	if (addon_declares(addon, name))
		return NULL;
	return arena_printf(arena,
			    "is not in api.config_vars of "
			    "%s/addon-manifest.json: add it there, or correct "
			    "the name here",
			    addon->home);
}

const char *answer_rules_config_value(const char *value)
{
	if (!value)
		return "must be a text";
	if (!utf8_is_valid(value))
		return "must be UTF-8";
	if (strlen(value) > LONGEST_VALUE)
		return "must be at most 32 KiB";
	return NULL;
}

static bool has_control_characters(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at; at++)
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
			return true;
	return false;
}

const char *answer_rules_message(const char *message)
{
	if (message && strlen(message) <= LONGEST_MESSAGE
	    && !has_control_characters(message))
		return NULL;
	return "must be a sentence of at most 1 KiB, without line breaks";
}

const char *answer_rules_log_drain_url(struct arena *arena, const char *url)
{
	return url_read(arena, url, URL_OR_SYSLOG).fault;
}

const char *answer_rules_redirect(struct arena *arena, const char *text)
{
	const struct url url = url_read(arena, text, URL_HTTPS);

	if (!url.fault && (url.user || url.password))
		return "must be a URL without user and password";
	return url.fault;
}

const char *answer_rules_session(struct arena *arena,
				 const struct json *session)
{
	if (!json_is_text_object(session))
		return "must be an object of texts";
	if (strlen(json_print(arena, session)) > LARGEST_SESSION)
		return "must be at most 768 bytes of JSON";
	return NULL;
}
