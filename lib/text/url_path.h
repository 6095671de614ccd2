/*
 * url_path.h - splits the path of a URL into decoded segments.
 *
 * A path is split before it is decoded, so that an encoded slash stays part of
 * its segment, and decoded once, so that %2561 becomes "%61" and not "a".
 * A segment may be empty: "/a//b" and "/a/b" are different paths.
 */
#ifndef LIB_TEXT_URL_PATH_H
#define LIB_TEXT_URL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;

struct url_path {
	int count;
	const char **segments;
	bool ends_in_slash; /* a slash at the end makes no empty segment */
};

/*
 * Split the first length bytes of text.
 *
 * OUTCOME_MALFORMED  broken percent-encoding, or %00
 * OUTCOME_NOT_FOUND  the path does not begin with a slash, or has a segment
 *                    "." or ".."
 */
MUST_CHECK enum outcome url_path_read(struct arena *arena, const char *text,
				      size_t length, struct url_path *path);

/* Return true if path begins with all segments of start. */
MUST_CHECK bool url_path_begins(const struct url_path *path,
				const struct url_path *start);

MUST_CHECK bool url_path_equal(const struct url_path *a,
			       const struct url_path *b);

/* Return the path as "/a/b", decoded, for people to read. */
const char *url_path_text(struct arena *arena, const struct url_path *path);

#endif
