#include "lib/text/url.h"

#include <ctype.h>
#include <string.h>

#include <curl/urlapi.h>

#include "lib/base/arena.h"
#include "lib/text/percent.h"

#define ALPHANUMERIC                                                           \
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* ---- the bytes ---- */

static bool has_only(const char *text, size_t length, const char *characters)
{
	return strspn(text, characters) >= length;
}

static bool is_url_text(const char *text)
{
	return has_only(text, strlen(text),
			ALPHANUMERIC "-._~:/?#[]@!$&'()*+,;=%");
}

static bool has_whole_escapes(const char *text)
{
	char byte;

	while ((text = strchr(text, '%')))
		if (percent_read(text, strnlen(text, 3), &byte))
			text += strlen("%41");
		else
			return false;
	return true;
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool has_url_scheme(const char *text, unsigned int rules)
{
	return begins_with(text, "https://")
		|| (rules & URL_OR_HTTP && begins_with(text, "http://"))
		|| (rules & URL_OR_SYSLOG && begins_with(text, "syslog://"));
}

/* Name the schemes that has_url_scheme() accepts. */
static const char *name_url_schemes(unsigned int rules)
{
	if (rules & URL_OR_SYSLOG)
		return "must be a URL that begins with https:// or syslog://";
	if (rules & URL_OR_HTTP)
		return "must be a URL that begins with https:// or http://";
	return "must be a URL that begins with https://";
}

/*
 * Return true if an authority of length bytes has a host, perhaps with a port
 * and, unless the URL must be bare, a user.  libcurl checks the rest.  Without
 * this check, it would decode a host and skip all @ but the last.
 */
static bool is_url_authority(const char *text, size_t length, bool is_bare)
{
	const char *at = memchr(text, '@', length);
	const char *host = at ? at + 1 : text;
	size_t left = length - (size_t)(host - text);

	if (at && is_bare)
		return false;
	return left > 0 && *host != ':'
		&& has_only(host, left, ALPHANUMERIC "-._~:[]");
}

static const char *find_url_fault(const char *text, unsigned int rules)
{
	bool is_bare = rules & URL_BARE;
	const char *authority;

	if (!text || !has_url_scheme(text, rules))
		return name_url_schemes(rules);
	if (strlen(text) > URL_LONGEST)
		return "must be a URL of at most 2048 bytes";
	if (!is_url_text(text))
		return "must be a URL without blanks, double quotes and other "
		       "characters that are not valid in a URL: percent-encode "
		       "them";
	if (!has_whole_escapes(text))
		return "must be a URL with two hexadecimal digits after each "
		       "percent sign, which must not be 00";
	authority = text + url_scheme_length(text);
	if (is_bare && !has_only(text, strlen(text), ALPHANUMERIC "-._~%/:[]"))
		return "must be a URL without user, password, query and "
		       "fragment";
	if (!is_url_authority(authority, strcspn(authority, "/?#"), is_bare))
		return "must be a URL with a host after ://";
	return NULL;
}

/* ---- the parts ---- */

static const char *keep_url_part(struct arena *arena, char *text)
{
	const char *copy = arena_strdup(arena, must(text));

	explicit_bzero(text, strlen(text));
	curl_free(text);
	return copy;
}

/* Return a part of the URL, or NULL if the URL does not have it. */
static const char *take_url_part(struct arena *arena, CURLU *handle,
				 CURLUPart part, unsigned int flags)
{
	char *text = NULL;

	return curl_url_get(handle, part, &text, flags) == CURLUE_OK
		? keep_url_part(arena, text)
		: NULL;
}

static struct url take_url_parts(struct arena *arena, CURLU *handle)
{
	struct url url = {
		.host = take_url_part(arena, handle, CURLUPART_HOST, 0),
		.port = take_url_part(arena, handle, CURLUPART_PORT,
				      CURLU_DEFAULT_PORT),
		.path = take_url_part(arena, handle, CURLUPART_PATH, 0),
		.user = take_url_part(arena, handle, CURLUPART_USER,
				      CURLU_URLDECODE),
		.password = take_url_part(arena, handle, CURLUPART_PASSWORD,
					  CURLU_URLDECODE),
	};

	curl_url_set(handle, CURLUPART_USER, NULL, 0);
	curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
	url.text = take_url_part(arena, handle, CURLUPART_URL,
				 CURLU_NON_SUPPORT_SCHEME);
	return url;
}

static struct url parse_url(struct arena *arena, const char *text)
{
	CURLU *handle = must(curl_url());
	struct url url = { 0 };

	if (curl_url_set(handle, CURLUPART_URL, text,
			 CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS)
	    == CURLUE_OK)
		url = take_url_parts(arena, handle);
	curl_url_cleanup(handle);
	if (!url.host || !url.text)
		url.fault = "must be a URL whose host and port are valid";
	return url;
}

struct url url_read(struct arena *arena, const char *text, unsigned int rules)
{
	const char *fault = find_url_fault(text, rules);

	return fault ? (struct url){ .fault = fault } : parse_url(arena, text);
}

bool url_is_link(struct arena *arena, const char *text)
{
	if (text[0] == '/')
		return text[1] != '/' && is_url_text(text)
			&& has_whole_escapes(text);
	return !url_read(arena, text, URL_HTTPS).fault;
}

size_t url_scheme_length(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

	return islower((unsigned char)*text)
			&& begins_with(text + length, "://")
		? length + strlen("://")
		: 0;
}

size_t url_origin_length(const char *text)
{
	size_t scheme = url_scheme_length(text);

	return scheme + strcspn(text + scheme, "/?#");
}
