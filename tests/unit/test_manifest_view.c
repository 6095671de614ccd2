#include "parse.h"

#include "cgi/cli/manifest_view.h"

static struct view_row {
	const char *name;
	const char *before, *after;
	const char *expected; /* lines that differ */
	bool loses;
} rows[] = {
	{ "equal manifests", "{\"id\":\"a\"}", "{\"id\":\"a\"}", "", false },
	{ "the order of members does not count",
	  "{\"id\":\"a\",\"api\":{\"x\":1,\"y\":2}}",
	  "{\"api\":{\"y\":2,\"x\":1},\"id\":\"a\"}", "", false },
	{ "the order of entries does", "[1,2]", "[2,1]", "- 1,\n+ 1\n", true },
	{ "a member that is added", "{\"id\":\"a\"}",
	  "{\"name\":\"b\",\"id\":\"a\"}", "+ \"name\": \"b\"\n", false },
	{ "a member that is removed", "{\"id\":\"a\",\"name\":\"b\"}",
	  "{\"id\":\"a\"}", "- \"name\": \"b\"\n", true },
	{ "$base is nobody's loss", "{\"$base\":1}", "{\"$base\":2}",
	  "- \"$base\": 1\n+ \"$base\": 2\n", false },
	{ "an equal secret", "{\"password\":\"s3cret\"}",
	  "{\"password\":\"s3cret\"}", "", false },
	{ "a secret that differs", "{\"api\":{\"sso_salt\":\"s3cret\"}}",
	  "{\"api\":{\"sso_salt\":\"s3cret2\"}}",
	  "- \"sso_salt\": \"(hidden, that there)\"\n"
	  "+ \"sso_salt\": \"(hidden, that here)\"\n",
	  true },
	{ "a secret that is added", "{}", "{\"password\":\"s3cret\"}",
	  "- {}\n+ {\n+ \"password\": \"(hidden)\"\n+ }\n", true },
	{ "a secret in an array", "[{\"password\":\"s3cret\"}]",
	  "[{\"password\":\"s3cret2\"}]",
	  "- \"password\": \"(hidden, that there)\"\n"
	  "+ \"password\": \"(hidden, that here)\"\n",
	  true },
	{ "a secret that is a number", "{\"password\":5318008}",
	  "{\"password\":5318009}",
	  "- \"password\": \"(hidden, that there)\"\n"
	  "+ \"password\": \"(hidden, that here)\"\n",
	  true },
	{ "values of other types", "{\"api\":[]}", "{\"api\":{\"x\":1}}",
	  "- \"api\": []\n+ \"api\": {\n+ \"x\": 1\n+ }\n", true },
};

/* Return the lines that differ, without their indents. */
static const char *changed_lines(const char *text)
{
	char *lines = arena_alloc(arena, strlen(text) + 1), *end = lines;

	while (*text) {
		size_t length = strcspn(text, "\n") + 1;
		size_t blanks = 1 + strspn(text + 1, " ");

		if (*text != ' ')
			end += sprintf(end, "%c %.*s", *text,
				       (int)(length - blanks), text + blanks);
		text += length;
	}
	*end = '\0';
	return lines;
}

static void comparison_is_as_expected(void **state)
{
	const struct view_row *row = *state;
	const struct manifest_side before = { parse(row->before), "there" };
	const struct manifest_side after = { parse(row->after), "here" };
	const struct line_diff diff = manifest_compare(arena, &before, &after);

	assert_string_equal(changed_lines(diff.text), row->expected);
	assert_bool(manifest_loses(&diff), row->loses);
	assert_lacks(diff.text, "s3cret");
	assert_lacks(diff.text, "531800");
}

static void a_view_hides_secrets(void)
{
	assert_string_equal(manifest_view(arena,
					  parse("{\"id\":\"a\",\"api\":{"
						"\"password\":\"s3cret\"}}")),
			    "{\n  \"id\": \"a\",\n  \"api\": {\n"
			    "    \"password\": \"(hidden)\"\n  }\n}");
}

static void a_view_does_not_change_the_terminal(void)
{
	assert_contains(manifest_view(arena, parse("[\"\\u009b31m\"]")),
			"\"\\u009b31m\"");
}

static struct unit_check checks[] = {
	{ "a view hides secrets", a_view_hides_secrets },
	{ "a view does not change the terminal",
	  a_view_does_not_change_the_terminal },
};

int main(void)
{
	UNIT_ROWS(rows, comparison_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("manifest_view");
}
