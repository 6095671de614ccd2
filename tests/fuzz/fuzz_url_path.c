/* A path that is accepted has valid segments, which represent it completely. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/url_path.h"

/* Write the path with every byte of its segments encoded. */
static const char *encode(struct arena *arena, const struct url_path *path,
			  size_t longest)
{
	char *text = arena_alloc(arena, longest * 3 + 2);
	char *end = text;

	for (int i = 0; i < path->count; i++) {
		*end++ = '/';
		for (const char *c = path->segments[i]; *c; c++)
			end += sprintf(end, "%%%02x", (unsigned char)*c);
	}
	if (path->ends_in_slash)
		*end++ = '/';
	return text;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct url_path path, again;
	const char *encoded, *plain;

	if (url_path_read(arena, fuzz_bare(arena, text, length), length, &path)
	    != OUTCOME_OK)
		return;
	assert(path.count > 0 || path.ends_in_slash);
	for (int i = 0; i < path.count; i++) {
		assert(strcmp(path.segments[i], ".") != 0);
		assert(strcmp(path.segments[i], "..") != 0);
	}
	encoded = encode(arena, &path, length);
	assert(url_path_read(arena, encoded, strlen(encoded), &again)
	       == OUTCOME_OK);
	assert(url_path_equal(&path, &again)
	       && path.ends_in_slash == again.ends_in_slash);
	plain = url_path_text(arena, &path);
	if (path.count > 0 && path.ends_in_slash)
		plain = arena_printf(arena, "%s/", plain);
	if (!memchr(text, '%', length))
		assert(url_path_read(arena, plain, strlen(plain), &again)
			       == OUTCOME_OK
		       && url_path_equal(&path, &again));
}
