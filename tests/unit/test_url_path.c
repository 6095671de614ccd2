#include "unit.h"

#include "lib/text/url_path.h"

static struct path_row {
	const char *name;
	const char *text;
	enum outcome expected;
	const char *segments; /* joined by " | " */
	bool ends_in_slash;
} paths[] = {
	{ "the root has no segments", "/", OUTCOME_OK, "", true },
	{ "one segment is one", "/health", OUTCOME_OK, "health", false },
	{ "segments are split at slashes", "/heroku/resources", OUTCOME_OK,
	  "heroku | resources", false },
	{ "a trailing slash makes no segment", "/heroku/resources/", OUTCOME_OK,
	  "heroku | resources", true },
	{ "an encoded slash stays part of its segment", "/a%2Fb/c", OUTCOME_OK,
	  "a/b | c", false },
	{ "encoding may use small letters", "/a%2fb", OUTCOME_OK, "a/b",
	  false },
	{ "a segment is decoded once", "/%2561", OUTCOME_OK, "%61", false },
	{ "a plus stays a plus", "/a+b", OUTCOME_OK, "a+b", false },
	{ "an encoded blank is a blank", "/a%20b", OUTCOME_OK, "a b", false },
	{ "non-ASCII bytes are decoded", "/%C3%BC", OUTCOME_OK, "\xc3\xbc",
	  false },
	{ "an encoded question mark is a character", "/a%3Fb", OUTCOME_OK,
	  "a?b", false },
	{ "a dot within a segment is a character", "/a.b", OUTCOME_OK, "a.b",
	  false },
	{ "three dots are a name", "/...", OUTCOME_OK, "...", false },
	{ "a hidden file's name is a name", "/.well-known", OUTCOME_OK,
	  ".well-known", false },
	{ "an empty text is not a path", "", OUTCOME_NOT_FOUND, NULL, false },
	{ "a path begins with a slash", "health", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "the server-wide star is not a path", "*", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "a URL is not a path", "http://localhost/health", OUTCOME_NOT_FOUND,
	  NULL, false },
	{ "two slashes are an empty segment", "//", OUTCOME_OK, "", true },
	{ "a segment at the start may be empty", "//health", OUTCOME_OK,
	  " | health", false },
	{ "a segment in the middle may be empty", "/a//b", OUTCOME_OK,
	  "a |  | b", false },
	{ "a segment at the end may be empty", "/a//", OUTCOME_OK, "a | ",
	  true },
	{ "a dot is refused", "/a/./b", OUTCOME_NOT_FOUND, NULL, false },
	{ "a dot at the end is refused", "/a/.", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "two dots are refused", "/a/../b", OUTCOME_NOT_FOUND, NULL, false },
	{ "two dots at the start are refused", "/../a", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "encoded dots are refused", "/a/%2e%2E/b", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "half encoded dots are refused", "/a/.%2e", OUTCOME_NOT_FOUND, NULL,
	  false },
	{ "a percent sign needs two digits", "/a%", OUTCOME_MALFORMED, NULL,
	  false },
	{ "one digit is not enough", "/a%4", OUTCOME_MALFORMED, NULL, false },
	{ "a digit of the next segment does not count", "/a%4/1",
	  OUTCOME_MALFORMED, NULL, false },
	{ "a g is not a digit", "/a%g0", OUTCOME_MALFORMED, NULL, false },
	{ "a second g is not a digit", "/a%0g", OUTCOME_MALFORMED, NULL,
	  false },
	{ "a sign is not a digit", "/a%+1", OUTCOME_MALFORMED, NULL, false },
	{ "an encoded zero byte is malformed", "/a%00b", OUTCOME_MALFORMED,
	  NULL, false },
	{ "a broken last segment is malformed too", "/a/b/%zz",
	  OUTCOME_MALFORMED, NULL, false },
};

static const char *join(const struct url_path *path)
{
	const char *text = "";

	for (int i = 0; i < path->count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? " | " : "",
				    path->segments[i]);
	return text;
}

/* The text after the first length bytes would change the path. */
static void path_is_as_expected(void **state)
{
	const struct path_row *row = *state;
	const char *text = arena_printf(arena, "%s00/..", row->text);
	struct url_path path;

	assert_string_equal(outcome_name(url_path_read(
				    arena, text, strlen(row->text), &path)),
			    outcome_name(row->expected));
	if (row->expected != OUTCOME_OK)
		return;
	assert_string_equal(join(&path), row->segments);
	assert_bool(path.ends_in_slash, row->ends_in_slash);
}

static struct pair_row {
	const char *name;
	const char *path, *start;
	bool begins, equal;
} pairs[] = {
	{ "a path begins with and equals itself", "/a/b", "/a/b", true, true },
	{ "a longer path begins with a shorter one", "/a/b/c", "/a/b", true,
	  false },
	{ "a shorter path does not begin with a longer one", "/a", "/a/b",
	  false, false },
	{ "every path begins with the root", "/a", "/", true, false },
	{ "a path with an empty segment is another one", "/a//b", "/a/b", false,
	  false },
	{ "the root is the root", "/", "/", true, true },
	{ "a path does not begin with half a segment", "/resources2",
	  "/resources", false, false },
	{ "a path does not begin with a different first segment", "/x/b",
	  "/a/b", false, false },
	{ "a path does not begin with a different last segment", "/a/x", "/a/b",
	  false, false },
	{ "case matters", "/A", "/a", false, false },
	{ "an encoded slash does not split a segment", "/a%2Fb", "/a/b", false,
	  false },
	{ "encoding does not matter otherwise", "/%61/b", "/a/%62", true,
	  true },
};

static struct url_path path_of(const char *text)
{
	struct url_path path;

	assert_int_equal(url_path_read(arena, text, strlen(text), &path),
			 OUTCOME_OK);
	return path;
}

static void pair_is_as_expected(void **state)
{
	const struct pair_row *row = *state;
	struct url_path path = path_of(row->path);
	struct url_path start = path_of(row->start);

	assert_bool(url_path_begins(&path, &start), row->begins);
	assert_bool(url_path_equal(&path, &start), row->equal);
	assert_bool(url_path_equal(&start, &path), row->equal);
}

static void a_path_is_text_again(void)
{
	struct url_path path = path_of("/heroku/resources");
	struct url_path encoded = path_of("/%C3%BC/a%20b");

	assert_string_equal(url_path_text(arena, &path), "/heroku/resources");
	assert_string_equal(url_path_text(arena, &encoded), "/\xc3\xbc/a b");
}

static struct unit_check checks[] = {
	{ "a path is text again, decoded", a_path_is_text_again },
};

int main(void)
{
	UNIT_ROWS(paths, path_is_as_expected);
	UNIT_ROWS(pairs, pair_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("path");
}
