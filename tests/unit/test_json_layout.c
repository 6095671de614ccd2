#include "parse.h"

#include "lib/text/json_layout.h"

static struct layout_row {
	const char *name;
	const char *text;
	const char *expected;
} rows[] = {
	{ "a value is itself", "17", "17" },
	{ "an empty object stays on its line", "{}", "{}" },
	{ "an empty array stays on its line", "[]", "[]" },
	{ "an object", "{\"a\":1,\"b\":null}",
	  "{\n  \"a\": 1,\n  \"b\": null\n}" },
	{ "an array", "[1,-2.5e3]", "[\n  1,\n  -2.5e3\n]" },
	{ "lists in lists", "{\"a\":[{},[],{\"b\":[true]}]}",
	  "{\n  \"a\": [\n    {},\n    [],\n    {\n      \"b\": [\n"
	  "        true\n      ]\n    }\n  ]\n}" },
	{ "a string may have signs", "{\"a:{\":\"[,\\\"]\\\\\"}",
	  "{\n  \"a:{\": \"[,\\\"]\\\\\"\n}" },
	{ "a string is text", "\"\"", "\"\"" },
};

static void layout_is_as_expected(void **state)
{
	const struct layout_row *row = *state;

	assert_string_equal(json_layout(arena, row->text), row->expected);
}

static void a_layout_is_the_same_value(void **state)
{
	const struct layout_row *row = *state;
	const char *text = json_layout(arena, row->text);
	const char *why;
	const struct json *value = json_parse(arena, text, strlen(text), &why);
	const struct json *expected =
		json_parse(arena, row->text, strlen(row->text), &why);

	assert_string_equal(json_print(arena, value),
			    json_print(arena, expected));
}

int main(void)
{
	UNIT_ROWS(rows, layout_is_as_expected);
	UNIT_ROWS(rows, a_layout_is_the_same_value);
	return unit_run("json_layout");
}
