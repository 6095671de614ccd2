#include "lib/text/url_path.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/percent.h"

/* Return NULL for broken percent-encoding and for zero bytes. */
static const char *decode_segment(struct arena *arena, const char *text,
				  size_t length)
{
	char *decoded = arena_alloc(arena, length + 1);
	char *out = decoded;

	for (size_t i = 0; i < length; i++, out++) {
		*out = text[i];
		if (text[i] == '%') {
			if (!percent_read(text + i, length - i, out))
				return NULL;
			i += 2;
		}
		if (*out == '\0')
			return NULL;
	}
	return decoded;
}

static bool is_dot_segment(const char *segment)
{
	return strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0;
}

static size_t count_slashes(const char *text, size_t length)
{
	size_t slashes = 0;

	for (size_t i = 0; i < length; i++)
		slashes += text[i] == '/';
	return slashes;
}

enum outcome url_path_read(struct arena *arena, const char *text, size_t length,
			   struct url_path *path)
{
	const char *end = text + length;
	struct url_path read = { 0 };
	bool is_valid = length > 0 && text[0] == '/';

	read.segments = arena_alloc(arena,
				    (count_slashes(text, length) + 1)
					    * sizeof *read.segments);
	for (const char *at = text; at < end;) {
		const char *start = *at == '/' ? at + 1 : at;
		const char *slash = memchr(start, '/', (size_t)(end - start));
		const char *stop = slash ? slash : end;
		const char *segment =
			decode_segment(arena, start, (size_t)(stop - start));

		if (!segment)
			return OUTCOME_MALFORMED;
		at = stop;
		if (!*segment && stop == end)
			read.ends_in_slash = true;
		else
			read.segments[read.count++] = segment;
		if (is_dot_segment(segment))
			is_valid = false;
	}
	if (!is_valid)
		return OUTCOME_NOT_FOUND;
	*path = read;
	return OUTCOME_OK;
}

bool url_path_begins(const struct url_path *path, const struct url_path *start)
{
	if (path->count < start->count)
		return false;
	for (int i = 0; i < start->count; i++)
		if (strcmp(path->segments[i], start->segments[i]) != 0)
			return false;
	return true;
}

bool url_path_equal(const struct url_path *a, const struct url_path *b)
{
	return a->count == b->count && url_path_begins(a, b);
}

const char *url_path_text(struct arena *arena, const struct url_path *path)
{
	size_t length = 1;
	char *text, *end;

	for (int i = 0; i < path->count; i++)
		length += 1 + strlen(path->segments[i]);
	text = end = arena_alloc(arena, length + 1);
	for (int i = 0; i < path->count; i++)
		end = stpcpy(stpcpy(end, "/"), path->segments[i]);
	if (path->count == 0)
		*end = '/';
	return text;
}
