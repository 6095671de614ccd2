#include "parse.h"

#include <limits.h>

/* ---- what parses ---- */

static struct parse_row {
	const char *name;
	const char *text;
	const char *why; /* a part of the reason; NULL: text is valid */
} parses[] = {
	{ "an object parses", "{\"a\":1}", NULL },
	{ "a text parses", "\"a\"", NULL },
	{ "blanks around do not matter", " \n{} \n", NULL },
	{ "an empty name parses", "{\"\":1}", NULL },
	{ "a number larger than a double parses", "{\"a\":1e999}", NULL },
	{ "a number of 64 digits parses",
	  "{\"a\":12345678901234567890123456789012345678901234567890"
	  "12345678901234}",
	  NULL },
	{ "a fraction of 100 digits parses",
	  "[0.00000000000000000000000000000000000000000000000000"
	  "00000000000000000000000000000000000000000000000001]",
	  NULL },
	{ "nothing does not parse", "", "line 1: " },
	{ "trailing bytes do not parse", "{}x", "line 1: " },
	{ "a fault names its line", "{\n\"a\":1,\n\"b\" 2\n}", "line 3: " },
	{ "a fault at the end names the last line", "{\n\n", "line 3: " },
	{ "an escaped newline makes no line", "[\"\\n\\n\", ]", "line 1: " },
	{ "invalid UTF-8 does not parse", "\"\xff\"", "line 1: " },
	{ "u0000 does not parse", "\"\\u0000\"", "line 1: " },

	{ "a duplicate is refused", "{\"a\":1,\"a\":2}",
	  "two members with the same name, \"a\"" },
	{ "a duplicate with one value is refused", "{\"a\":1,\"a\":1}",
	  "two members" },
	{ "a distant duplicate is refused",
	  "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"a\":5}", "two members" },
	{ "a duplicate among three is refused",
	  "{\"b\":1,\"a\":2,\"b\":3,\"b\":4}", "two members" },
	{ "a duplicate among twenty is refused",
	  "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
	  "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,"
	  "\"q\":1,\"r\":1,\"c\":1,\"s\":1}",
	  "two members with the same name, \"c\"" },
	{ "a duplicate of the empty name is refused", "{\"\":1,\"\":2}",
	  "two members" },
	{ "a duplicate in a member is refused",
	  "{\"options\":{\"a\":\"1\",\"a\":\"2\"}}", "two members" },
	{ "a duplicate in an array is refused", "[1,{\"a\":1,\"a\":2}]",
	  "two members" },
	{ "a duplicate far down is refused",
	  "{\"x\":[[{\"y\":{\"z\":[{\"a\":1,\"b\":2,\"a\":3}]}}]]}",
	  "two members with the same name, \"a\"" },
	{ "a duplicate in the last of many objects is refused",
	  "[{\"a\":1},{\"a\":1},{\"a\":1,\"a\":1}]", "two members" },
	{ "a duplicate spelled with an escape is refused",
	  "{\"plan\":1,\"pl\\u0061n\":2}", "two members" },
	{ "a duplicate of two escapes is refused",
	  "{\"\\u00e9\":1,\"\\u00E9\":2}", "two members" },
	{ "a duplicate of UTF-8 and an escape is refused",
	  "{\"\xc3\xa9\":1,\"\\u00e9\":2}", "two members" },
	{ "a duplicate of UTF-8 and a surrogate pair is refused",
	  "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", "two members" },
	{ "a duplicate of a slash and an escaped one is refused",
	  "{\"/\":1,\"\\/\":2}", "two members" },
	{ "names that differ in case are two", "{\"a\":1,\"A\":2}", NULL },
	{ "names of which one begins the other are two", "{\"a\":1,\"ab\":2}",
	  NULL },
	{ "the same name at two levels is not a duplicate",
	  "{\"a\":{\"a\":{\"a\":1}}}", NULL },
	{ "the same name in two objects is not a duplicate",
	  "[{\"a\":1},{\"a\":2}]", NULL },
	{ "equal entries of an array are not duplicates", "[\"a\",\"a\"]",
	  NULL },
	{ "a name that equals a string is not a duplicate",
	  "{\"a\":\"b\",\"b\":\"a\"}", NULL },
};

static void text_parses_as_expected(void **state)
{
	const struct parse_row *row = *state;
	const char *why = NULL;
	const struct json *value =
		json_parse(arena, row->text, strlen(row->text), &why);

	assert_bool(value, !row->why);
	if (row->why)
		assert_contains(why, row->why);
}

static void only_the_length_counts(void)
{
	const char *why;

	assert_non_null(json_parse(arena, "{}}", 2, &why));
	assert_null(json_parse(arena, "{}", 1, &why));
}

/* ---- kinds ---- */

static struct kind_row {
	const char *name;
	const char *text; /* NULL: a NULL value */
	const char *kinds;
} kinds[] = {
	{ "an object is an object", "{}", "object" },
	{ "an array is an array", "[]", "array" },
	{ "null is null", "null", "null" },
	{ "true is true and a truth value", "true", "bool" },
	{ "false is a truth value", "false", "bool" },
	{ "a text is a text", "\"true\"", "text" },
	{ "an empty text is a text", "\"\"", "text" },
	{ "one is a number", "1", "one" },
	{ "one is a number however it is written", "1.0", "one" },
	{ "two is a different number", "2", "" },
	{ "a little more than one is a different number", "1.5", "" },
	{ "a missing value has no kind", NULL, "" },
};

static void kind_is_as_expected(void **state)
{
	const struct kind_row *row = *state;
	const struct json *value = row->text ? parse(row->text) : NULL;
	const char *found = arena_printf(
		arena, "%s%s%s%s%s%s", json_is_object(value) ? " object" : "",
		json_is_array(value) ? " array" : "",
		json_is_null(value) ? " null" : "",
		json_is_bool(value) ? " bool" : "",
		json_text(value) ? " text" : "",
		json_is_number(value, 1) ? " one" : "");

	assert_string_equal(*found ? found + 1 : found, row->kinds);
}

/* ---- members and entries ---- */

static void a_member_is_found_by_its_name(void)
{
	const struct json *object =
		parse("{\"Plan\":\"a\",\"plan\":\"b\",\"x\\u0079z\":\"c\"}");

	assert_text(json_text(json_member(object, "plan")), "b");
	assert_text(json_text(json_member(object, "Plan")), "a");
	assert_text(json_text(json_member(object, "xyz")), "c");
}

static void what_is_absent_is_null(void)
{
	assert_null(json_member(parse("{\"Plan\":\"a\"}"), "plan"));
	assert_null(json_member(parse("{\"a\":{\"plan\":1}}"), "plan"));
	assert_null(json_member(parse("[\"plan\"]"), "plan"));
	assert_null(json_member(parse("\"plan\""), "plan"));
	assert_null(json_member(NULL, "plan"));
}

static void entries_come_in_their_order(void)
{
	const struct json *object = parse("{\"b\":\"1\",\"a\":\"2\"}");
	const struct json *array = parse("[\"x\",\"w\"]");
	const struct json *entry = json_first(object);

	assert_string_equal(json_name(entry), "b");
	assert_string_equal(json_text(entry), "1");
	entry = json_next(entry);
	assert_string_equal(json_name(entry), "a");
	assert_null(json_next(entry));
	assert_int_equal(json_count(object), 2);

	entry = json_first(array);
	assert_string_equal(json_text(entry), "x");
	assert_string_equal(json_text(json_next(entry)), "w");
	assert_int_equal(json_count(array), 2);
}

static void what_is_empty_has_no_entries(void)
{
	assert_null(json_first(parse("{}")));
	assert_null(json_first(parse("[]")));
	assert_null(json_first(NULL));
	assert_int_equal(json_count(parse("{}")), 0);
}

/* ---- texts ---- */

static struct unescape_row {
	const char *name;
	const char *text;
	const char *expected;
} unescapes[] = {
	{ "short escapes are undone", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	  "\"\\/\b\f\n\r\t" },
	{ "an escaped letter is a letter", "\"\\u0041\"", "A" },
	{ "an escaped umlaut is UTF-8", "\"\\u00fC\"", "\xc3\xbc" },
	{ "an escaped euro sign is UTF-8", "\"\\u20ac\"", "\xe2\x82\xac" },
	{ "a surrogate pair is UTF-8", "\"\\ud83d\\ude00\"",
	  "\xf0\x9f\x98\x80" },
	{ "UTF-8 stays as it is", "\"\xc3\xbc\"", "\xc3\xbc" },
	{ "an escaped backslash begins no escape", "\"\\\\u0041\"", "\\u0041" },
};

static void escapes_are_undone(void **state)
{
	const struct unescape_row *row = *state;

	assert_text(json_text(parse(row->text)), row->expected);
}

static struct search_row {
	const char *name;
	const char *array;
	bool expected; /* "a" is found */
} searches[] = {
	{ "a string is found", "[\"b\",\"a\"]", true },
	{ "a part of a string is not", "[\"ab\"]", false },
	{ "other values are passed over", "[1,null,[\"a\"],\"a\"]", true },
	{ "an empty array has none", "[]", false },
	{ "an object is no array", "{\"a\":\"a\"}", false },
	{ "a string is no array", "\"a\"", false },
};

static void text_is_searched(void **state)
{
	const struct search_row *row = *state;

	assert_bool(json_has_text(parse(row->array), "a"), row->expected);
}

/* ---- writing ---- */

static struct print_row {
	const char *name;
	const char *text;
	const char *expected;
} prints[] = {
	{ "blanks are left out", " { \"a\" : [ 1 , true , null ] } ",
	  "{\"a\":[1,true,null]}" },
	{ "what is empty stays", "{\"a\":{},\"b\":[],\"c\":\"\"}",
	  "{\"a\":{},\"b\":[],\"c\":\"\"}" },
	{ "the order stays", "{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}" },
	{ "UTF-8 is not escaped", "\"\\u00fc \xf0\x9f\x98\x80\"",
	  "\"\xc3\xbc \xf0\x9f\x98\x80\"" },
	{ "quotes and backslashes are escaped", "\"\\u0022 \\u005c\"",
	  "\"\\\" \\\\\"" },
	{ "control characters are escaped", "\"\\n\\u001F\"",
	  "\"\\n\\u001f\"" },
	{ "a slash is not escaped", "\"\\/\"", "\"/\"" },
	{ "names are escaped too", "{\"\\n\":1}", "{\"\\n\":1}" },
	{ "whole numbers stay whole", "[0,-1,2147483648,123456789012345]",
	  "[0,-1,2147483648,123456789012345]" },
	{ "fractions stay", "[0.5,-1.25]", "[0.5,-1.25]" },
};

static void value_prints_as_expected(void **state)
{
	const struct print_row *row = *state;
	const char *first = json_print(arena, parse(row->text));

	assert_string_equal(first, row->expected);
	assert_string_equal(json_print(arena, parse(first)), first);
}

static void objects_are_built(void)
{
	struct json *object = json_object(arena);

	assert_string_equal(json_print(arena, object), "{}");
	json_put_text(object, "b", "a \"text\"\n");
	json_put_text(object, "none", NULL);
	json_put(object, "null", NULL);
	json_put(object, "a", parse("{\"x\":[1]}"));
	assert_string_equal(json_print(arena, object),
			    "{\"b\":\"a \\\"text\\\"\\n\",\"null\":null,"
			    "\"a\":{\"x\":[1]}}");
	assert_null(json_member(object, "none"));
}

static void what_is_put_is_copied(void)
{
	struct arena *other = arena_create();
	struct json *object = json_object(arena);
	struct json *inner = json_object(other);
	char name[] = "name", text[] = "text";

	json_put_text(inner, "a", "1");
	json_put(object, "inner", inner);
	json_put_text(inner, "b", "2");
	json_put_text(object, name, text);
	memset(name, 'x', 4);
	memset(text, 'x', 4);
	arena_destroy(other);
	assert_string_equal(json_print(arena, object),
			    "{\"inner\":{\"a\":\"1\"},\"name\":\"text\"}");
}

static void a_member_of_one_object_is_put_into_another(void)
{
	const struct json *source = parse("{\"a\":\"1\",\"b\":\"2\"}");
	struct json *object = json_object(arena);

	json_put(object, "c", json_member(source, "a"));
	assert_string_equal(json_print(arena, object), "{\"c\":\"1\"}");
	assert_string_equal(json_print(arena, source),
			    "{\"a\":\"1\",\"b\":\"2\"}");
}

/* ---- sorting ---- */

static struct sort_row {
	const char *name;
	const char *text;
	const char *expected;
} sorts[] = {
	{ "members are sorted by name", "{\"b\":1,\"c\":2,\"a\":3}",
	  "{\"a\":3,\"b\":1,\"c\":2}" },
	{ "what is sorted stays", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}" },
	{ "an empty object is sorted", "{}", "{}" },
	{ "a beginning comes before its continuation", "{\"ab\":1,\"a\":2}",
	  "{\"a\":2,\"ab\":1}" },
	{ "capitals come before small letters", "{\"a\":1,\"B\":2}",
	  "{\"B\":2,\"a\":1}" },
	{ "ASCII comes before all else", "{\"\xc3\xa9\":1,\"z\":2}",
	  "{\"z\":2,\"\xc3\xa9\":1}" },
	{ "digits are sorted as characters", "{\"10\":1,\"9\":2}",
	  "{\"10\":1,\"9\":2}" },
};

static void object_is_sorted(void **state)
{
	const struct sort_row *row = *state;
	const struct json *object = parse(row->text);
	const char *before = json_print(arena, object);

	assert_string_equal(json_print(arena, json_sorted(arena, object)),
			    row->expected);
	assert_string_equal(json_print(arena, object), before);
}

/* ---- whole numbers, lists ---- */

static struct integer_row {
	const char *name;
	const char *text;
	int64_t expected; /* -7: the fallback */
} integers[] = {
	{ "a whole number has a value", "28799", 28799 },
	{ "a negative one has", "-28799", -28799 },
	{ "zero is a whole number", "0", 0 },
	{ "one with an exponent has a value", "1e3", 1000 },
	{ "2^53 has a value", "9007199254740992", INT64_C(9007199254740992) },
	{ "what a double skips has none", "9007199254740994", -7 },
	{ "more than an int64_t has none", "1e300", -7 },
	{ "more than a double has none", "1e999", -7 },
	{ "a fraction has none", "0.5", -7 },
	{ "a text has none", "\"1\"", -7 },
	{ "null has none", "null", -7 },
};

static void integer_is_as_expected(void **state)
{
	const struct integer_row *row = *state;

	assert_int_equal(json_integer(parse(row->text), -7), row->expected);
}

static void nothing_has_no_value(void)
{
	assert_int_equal(json_integer(NULL, 5), 5);
}

static void a_list_grows_by_copies(void)
{
	struct json *list = json_array(arena);
	struct json *entry = json_object(arena);

	assert_string_equal(json_print(arena, list), "[]");
	json_append(list, entry);
	json_put_text(entry, "a", "b");
	json_append(list, entry);
	assert_string_equal(json_print(arena, list), "[{},{\"a\":\"b\"}]");
}

static void numbers_are_put(void)
{
	struct json *object = json_object(arena);

	json_put_int(object, "a", 0);
	json_put_int(object, "b", INT_MIN);
	assert_text(json_print(arena, object), "{\"a\":0,\"b\":-2147483648}");
}

/* The text fits into the rest of the arena's block, or it does not by far, by
 * some bytes or by one. */
static void printing_takes_any_length(void)
{
	const struct json *value = parse("[\"0123456789\",-1,null,{\"a\":[]}]");
	const char *expected = json_print(arena, value);
	struct arena *other = arena_create();

	for (size_t room = 0; room < 100; room++) {
		size_t left;

		arena_rest(other, &left);
		arena_alloc(other, left - room);
		assert_string_equal(json_print(other, value), expected);
		arena_reset(other);
	}
	arena_destroy(other);
}

static void a_member_can_be_referred_to(void)
{
	struct json *inner = json_object(arena), *outer = json_object(arena);

	json_put_text(inner, "a", "1");
	json_refer(outer, "first", inner);
	json_refer(outer, "second", parse("[{}]"));
	json_refer(outer, "third", inner);
	json_refer(outer, "nothing", NULL);
	json_put_text(outer, "last", "x");
	assert_string_equal(json_print(arena, outer),
			    "{\"first\":{\"a\":\"1\"},\"second\":[{}],"
			    "\"third\":{\"a\":\"1\"},\"nothing\":null,"
			    "\"last\":\"x\"}");
	assert_string_equal(json_print(arena, inner), "{\"a\":\"1\"}");
	assert_text(json_text(json_member(json_member(outer, "third"), "a")),
		    "1");
}

static struct unit_check checks[] = {
	{ "a member can be referred to", a_member_can_be_referred_to },
	{ "printing takes any length", printing_takes_any_length },
	{ "numbers are put", numbers_are_put },
	{ "nothing has no value", nothing_has_no_value },
	{ "a list grows by copies", a_list_grows_by_copies },
	{ "only the bytes of the length count", only_the_length_counts },
	{ "a member is found by its very name", a_member_is_found_by_its_name },
	{ "what is absent is NULL", what_is_absent_is_null },
	{ "entries come in their order", entries_come_in_their_order },
	{ "what is empty has no entries", what_is_empty_has_no_entries },
	{ "objects are built member by member", objects_are_built },
	{ "what is put is copied", what_is_put_is_copied },
	{ "a member of one object is put into another",
	  a_member_of_one_object_is_put_into_another },
};

static struct printed_row {
	const char *name;
	const char *text;
	const char *printed;
} printeds[] = {
	{ "what can be read is printed", "[\"\u00fc\u20ac\"]",
	  "[\"\u00fc\u20ac\"]" },
	{ "an escape is printed escaped", "[\"\\u001b[2J\"]",
	  "[\"\\u001b[2J\"]" },
	{ "a delete is printed escaped", "[\"\x7f\"]", "[\"\\u007f\"]" },
	{ "a C1 control character is escaped",
	  "[\"\xc2\x9b"
	  "31m\"]",
	  "[\"\\u009b31m\"]" },
	{ "a change of direction is printed escaped",
	  "{\"\xe2\x80\xae\":\"\xd8\x9c\"}", "{\"\\u202e\":\"\\u061c\"}" },
};

static void value_is_printed_for_a_terminal(void **state)
{
	const struct printed_row *row = *state;
	const char *why;
	const struct json *value =
		json_parse(arena, row->text, strlen(row->text), &why);
	const char *printed = json_print_for_terminal(arena, value);

	assert_text(printed, row->printed);
	assert_text(
		json_print(arena,
			   json_parse(arena, printed, strlen(printed), &why)),
		json_print(arena, value));
}

int main(void)
{
	UNIT_ROWS(printeds, value_is_printed_for_a_terminal);
	UNIT_ROWS(parses, text_parses_as_expected);
	UNIT_ROWS(kinds, kind_is_as_expected);
	UNIT_ROWS(unescapes, escapes_are_undone);
	UNIT_ROWS(searches, text_is_searched);
	UNIT_ROWS(prints, value_prints_as_expected);
	UNIT_ROWS(sorts, object_is_sorted);
	UNIT_ROWS(integers, integer_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("json");
}
