/*
 * url_path.h - the path of a URL as its decoded segments.
 *
 * Split first and decoded then, so that an encoded slash stays part of its
 * segment; and decoded once, so that %2561 is "%61" and not "a".
 */
#ifndef LIB_TEXT_URL_PATH_H
#define LIB_TEXT_URL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/outcome.h"

struct arena;

struct url_path {
	int count;
	const char **segments;
	bool ends_in_slash; /* which makes no segment of its own */
};

/*
 * Split the first length bytes of text.
 *
 * OUTCOME_MALFORMED  broken percent-encoding, or %00
 * OUTCOME_NOT_FOUND  no path of ours: it does not begin with a slash, or has
 *                    an empty segment or one that is "." or ".."
 */
enum outcome url_path_read(struct arena *arena, const char *text, size_t length,
			   struct url_path *path);

/* Does path begin with all segments of start? */
bool url_path_begins(const struct url_path *path, const struct url_path *start);

bool url_path_equal(const struct url_path *a, const struct url_path *b);

/* "/a/b" again, for people: what was encoded stays decoded. */
const char *url_path_text(struct arena *arena, const struct url_path *path);

#endif
