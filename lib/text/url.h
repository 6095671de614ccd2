/*
 * url.h - reads and checks URLs.
 *
 * This is the only module that checks URLs, whether they come from manifests,
 * settings, hooks or marketplaces.  A URL must pass two checks.  The first
 * examines the bytes and is stricter than libcurl: it accepts only the
 * characters of RFC 3986 (section 2), with two hexadecimal digits after each
 * percent sign.  So a valid URL can be written into a header and, escaped, into
 * HTML.  The second is libcurl's own parser, so the URL is read exactly as a
 * later request will read it.
 */
#ifndef LIB_TEXT_URL_H
#define LIB_TEXT_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct arena;

enum { URL_LONGEST = 2048 }; /* bytes */

/* The URLs that a caller accepts, as a sum of these values. */
enum url_rule {
	URL_HTTPS = 0,     /* https, always accepted */
	URL_OR_HTTP = 1,   /* http also */
	URL_OR_SYSLOG = 2, /* syslog also */
	/* Only a host, a port and a path of letters, digits and "-._~%/:", so
	 * that a caller can append to it. */
	URL_BARE = 4
};

/* The parts of a URL.  They belong to the arena. */
struct url {
	const char *fault; /* what is wrong with the URL, to follow its name in
			      a sentence: "must be a URL ..."; NULL: the URL is
			      valid, otherwise the members below are not */
	const char *text;  /* the URL without user and password */
	const char *host;  /* an IPv6 address keeps its brackets */
	const char *port;  /* the default of the scheme if the URL has none;
			      NULL for syslog */
	const char *path;  /* not decoded; "/" if the URL has none */
	const char *user;  /* decoded; NULL: none */
	const char *password; /* decoded; NULL: none */
};

/* Read text, which may be NULL, by the rules of enum url_rule.  A scheme must
 * be in lower case. */
MUST_CHECK struct url url_read(struct arena *arena, const char *text,
			       unsigned int rules);

/* Return true if text can be the target of a link: an https URL or an absolute
 * path on this host. */
MUST_CHECK bool url_is_link(struct arena *arena, const char *text);

/* Return the length of the scheme with which text begins, "://" included, or 0
 * if it begins with none.  Any scheme in lower case is accepted. */
size_t url_scheme_length(const char *text);

/* Return the length of the scheme and of what stands before the path: a URL
 * without its path, query and fragment. */
size_t url_origin_length(const char *text);

#endif
