#include "unit.h"

#include "lib/text/json_reader.h"

/* A text, which may contain zero bytes, and its length. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* ---- what is JSON ---- */

static struct text_row {
	const char *name;
	const char *text;
	size_t length;
} valid[] = {
	/* values */
	{ "an empty object is valid", TEXT("{}") },
	{ "an empty array is valid", TEXT("[]") },
	{ "true is valid", TEXT("true") },
	{ "false is valid", TEXT("false") },
	{ "null is valid", TEXT("null") },
	{ "a lone string is valid", TEXT("\"a\"") },
	{ "a lone empty string is valid", TEXT("\"\"") },
	{ "a lone number is valid", TEXT("1") },
	{ "a member of every kind is valid",
	  TEXT("{\"a\":1,\"b\":\"\",\"c\":[],\"d\":{},\"e\":true,"
	       "\"f\":false,\"g\":null}") },
	{ "an entry of every kind is valid",
	  TEXT("[1,\"\",[],{},true,false,null]") },
	{ "an empty name is valid", TEXT("{\"\":1}") },
	{ "duplicate names are left to json.c", TEXT("{\"a\":1,\"a\":2}") },

	/* blanks */
	{ "blanks around a value are valid", TEXT(" \t\r\n1 \t\r\n") },
	{ "blanks in an empty object are valid", TEXT("{ \n }") },
	{ "blanks in an empty array are valid", TEXT("[ \t ]") },
	{ "blanks between all tokens are valid",
	  TEXT(" { \"a\" : [ 1 , 2 ] , \"b\" : 3 } ") },

	/* numbers */
	{ "zero is valid", TEXT("0") },
	{ "minus zero is valid", TEXT("-0") },
	{ "a negative number is valid", TEXT("-12") },
	{ "a fraction is valid", TEXT("0.5") },
	{ "a fraction of zeros is valid", TEXT("1.000") },
	{ "an exponent is valid", TEXT("1e5") },
	{ "a capital exponent is valid", TEXT("1E5") },
	{ "a signed exponent is valid", TEXT("1e+5") },
	{ "a negative exponent is valid", TEXT("1e-5") },
	{ "an exponent may begin with zero", TEXT("1e005") },
	{ "an exponent of zero is valid", TEXT("0e0") },
	{ "all parts of a number together are valid", TEXT("-12.50E-07") },
	{ "a number may be larger than a double", TEXT("1e999") },
	{ "a number may have 63 characters",
	  TEXT("123456789012345678901234567890123456789012345678901234567890"
	       "123") },

	/* strings */
	{ "every short escape is valid",
	  TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"") },
	{ "an escaped character is valid", TEXT("\"\\u00e9\"") },
	{ "digits of an escape may be capitals", TEXT("\"\\u00E9\\uFFFF\"") },
	{ "an escaped control character is valid", TEXT("\"\\u001f\"") },
	{ "an escaped delete is valid", TEXT("\"\\u007f\"") },
	{ "a raw delete is valid", TEXT("\"\x7f\"") },
	{ "a raw slash is valid", TEXT("\"/\"") },
	{ "a surrogate pair is valid", TEXT("\"\\ud83d\\ude00\"") },
	{ "the first surrogate pair is valid", TEXT("\"\\ud800\\udc00\"") },
	{ "the last surrogate pair is valid", TEXT("\"\\uDBFF\\uDFFF\"") },
	{ "what lies before the surrogates is valid", TEXT("\"\\ud7ff\"") },
	{ "characters after the surrogates are valid", TEXT("\"\\ue000\"") },
	{ "an escaped backslash before u0000 is valid", TEXT("\"\\\\u0000\"") },

	/* UTF-8: the ends of every range */
	{ "U+0080 is valid", TEXT("\"\xc2\x80\"") },
	{ "U+07FF is valid", TEXT("\"\xdf\xbf\"") },
	{ "U+0800 is valid", TEXT("\"\xe0\xa0\x80\"") },
	{ "U+1000 is valid", TEXT("\"\xe1\x80\x80\"") },
	{ "U+CFFF is valid", TEXT("\"\xec\xbf\xbf\"") },
	{ "U+D7FF is valid", TEXT("\"\xed\x9f\xbf\"") },
	{ "U+E000 is valid", TEXT("\"\xee\x80\x80\"") },
	{ "U+FFFD is valid", TEXT("\"\xef\xbf\xbd\"") },
	{ "U+FFFF is valid", TEXT("\"\xef\xbf\xbf\"") },
	{ "U+10000 is valid", TEXT("\"\xf0\x90\x80\x80\"") },
	{ "U+40000 is valid", TEXT("\"\xf1\x80\x80\x80\"") },
	{ "U+FFFFF is valid", TEXT("\"\xf3\xbf\xbf\xbf\"") },
	{ "U+10FFFF is valid", TEXT("\"\xf4\x8f\xbf\xbf\"") },
	{ "a byte order mark within a string is a character",
	  TEXT("\"\xef\xbb\xbf\"") },
	{ "a name may have non-ASCII characters", TEXT("{\"\xc3\xbc\":1}") },
};

static void text_is_valid(void **state)
{
	const struct text_row *row = *state;
	struct json_fault fault = { "untouched", 0 };

	if (!json_read(arena, row->text, row->length, &fault))
		fail_msg("%s at %zu", fault.what, fault.offset);
}

/* ---- what is not ---- */

enum { ANYWHERE = -1 };

static struct fault_row {
	const char *name;
	const char *text;
	size_t length;
	int offset; /* of the fault, or ANYWHERE */
} faulty[] = {
	/* no value */
	{ "an empty text is not JSON", TEXT(""), 0 },
	{ "blanks alone are not JSON", TEXT(" \n"), 2 },
	{ "a byte order mark is not JSON", TEXT("\xef\xbb\xbf{}"), 0 },
	{ "a word is not JSON", TEXT("hello"), 0 },
	{ "True is not JSON", TEXT("True"), 0 },
	{ "half of true is not JSON", TEXT("tru"), ANYWHERE },
	{ "half of null is not JSON", TEXT("[nul]"), ANYWHERE },
	{ "a longer word is not JSON", TEXT("nulls"), 4 },
	{ "undefined is not JSON", TEXT("undefined"), 0 },
	{ "single quotes are not JSON", TEXT("'a'"), 0 },
	{ "a form is not JSON", TEXT("uuid=1&plan=basic"), 0 },
	{ "a comment is not JSON", TEXT("{} // end"), 3 },
	{ "an inner comment is not JSON", TEXT("[/* */]"), 1 },
	{ "a zero byte is not JSON", TEXT("\0"), 0 },
	{ "a raw non-ASCII byte is not JSON", TEXT("\xc3\xbc"), 0 },

	/* characters that are not blanks */
	{ "a form feed is not a blank", TEXT("\f1"), 0 },
	{ "a vertical tab is not a blank", TEXT("1\v"), 1 },
	{ "a no-break space is not a blank", TEXT("1\xc2\xa0"), 1 },

	/* what follows */
	{ "a second value is too many", TEXT("{}{}"), 2 },
	{ "a second value after blanks is too many", TEXT("1 2"), 2 },
	{ "a trailing zero byte is too many", TEXT("{}\0"), 2 },
	{ "a trailing comma is too many", TEXT("1,"), 1 },
	{ "a closing bracket more is too many", TEXT("[]]"), 2 },

	/* arrays */
	{ "an array must end", TEXT("["), 1 },
	{ "an array must end after an entry", TEXT("[1"), 2 },
	{ "an array must end after a comma", TEXT("[1,"), 3 },
	{ "an array ends without a comma", TEXT("[1,]"), 3 },
	{ "an array begins without a comma", TEXT("[,1]"), 1 },
	{ "an entry is not left out", TEXT("[1,,2]"), 3 },
	{ "entries need a comma", TEXT("[1 2]"), 3 },
	{ "an array does not end as an object", TEXT("[1}"), 2 },
	{ "an array has no names", TEXT("[\"a\":1]"), 4 },

	/* objects */
	{ "an object must end", TEXT("{"), 1 },
	{ "an object must end after a name", TEXT("{\"a\""), 4 },
	{ "an object must end after a colon", TEXT("{\"a\":"), 5 },
	{ "an object must end after a member", TEXT("{\"a\":1"), 6 },
	{ "an object ends without a comma", TEXT("{\"a\":1,}"), 7 },
	{ "an object begins without a comma", TEXT("{,\"a\":1}"), 1 },
	{ "members need a comma", TEXT("{\"a\":1 \"b\":2}"), 7 },
	{ "a name needs a colon", TEXT("{\"a\" 1}"), 5 },
	{ "a name needs a value", TEXT("{\"a\":}"), 5 },
	{ "a name needs quotes", TEXT("{a:1}"), 1 },
	{ "a name is not a number", TEXT("{1:2}"), 1 },
	{ "a name is not null", TEXT("{null:2}"), 1 },
	{ "an equals sign is not a colon", TEXT("{\"a\"=1}"), 4 },
	{ "an object does not end as an array", TEXT("{\"a\":1]"), 6 },

	/* numbers */
	{ "a leading zero is refused", TEXT("01"), 1 },
	{ "a leading zero after a sign is refused", TEXT("-01"), 2 },
	{ "two zeros are refused", TEXT("00"), 1 },
	{ "a plus is refused", TEXT("+1"), 0 },
	{ "a lone minus is refused", TEXT("-"), 1 },
	{ "two minuses are refused", TEXT("--1"), 1 },
	{ "a blank after the sign is refused", TEXT("- 1"), 1 },
	{ "a point needs digits after it", TEXT("1."), 2 },
	{ "a point needs digits before it", TEXT(".5"), 0 },
	{ "a point before an exponent needs digits", TEXT("1.e5"), 2 },
	{ "a second point is refused", TEXT("1.2.3"), 3 },
	{ "an exponent needs digits", TEXT("1e"), 2 },
	{ "a signed exponent needs digits", TEXT("1e+"), 3 },
	{ "an exponent has one sign", TEXT("1e+-5"), 3 },
	{ "an exponent has no fraction", TEXT("1e5.5"), 3 },
	{ "a comma is not a point", TEXT("1,5"), 1 },
	{ "hexadecimal digits are refused", TEXT("0x10"), 1 },
	{ "an underscore is refused", TEXT("1_000"), 1 },
	{ "infinity is refused", TEXT("Infinity"), 0 },
	{ "minus infinity is refused", TEXT("-Infinity"), 1 },
	{ "NaN is refused", TEXT("NaN"), 0 },

	/* strings */
	{ "a string must end", TEXT("\"a"), 2 },
	{ "a string must end after its quote", TEXT("\""), 1 },
	{ "a string must end after a backslash", TEXT("\"\\"), 2 },
	{ "an escaped quote does not end a string", TEXT("\"\\\""), 3 },
	{ "a name must end", TEXT("{\"a:1}"), 6 },
	{ "an escape of x is unknown", TEXT("\"\\x41\""), 2 },
	{ "an escape of a is unknown", TEXT("\"\\a\""), 2 },
	{ "an escape of zero is unknown", TEXT("\"\\0\""), 2 },
	{ "an escaped single quote is unknown", TEXT("\"\\'\""), 2 },
	{ "a capital U is unknown", TEXT("\"\\U00e9\""), 2 },
	{ "an escaped newline is unknown", TEXT("\"\\\n\""), 2 },
	{ "an escaped zero byte is unknown", TEXT("\"\\\0\""), 2 },
	{ "three digits are too few", TEXT("\"\\u00e\""), 6 },
	{ "\\u needs four digits", TEXT("\"\\u\""), 3 },
	{ "a g is not a digit", TEXT("\"\\u00g0\""), 5 },
	{ "a sign is not a digit", TEXT("\"\\u+0e9\""), 3 },
	{ "an end is not a digit", TEXT("\"\\u00"), 5 },
	{ "u0000 is refused", TEXT("\"\\u0000\""), ANYWHERE },
	{ "u0000 is refused within a text", TEXT("\"a\\u0000b\""), ANYWHERE },
	{ "u0000 is refused in a name", TEXT("{\"a\\u0000\":1}"), ANYWHERE },
	{ "a high surrogate alone is refused", TEXT("\"\\ud83d\""), ANYWHERE },
	{ "a high surrogate before a letter is refused", TEXT("\"\\ud83dx\""),
	  ANYWHERE },
	{ "a high surrogate before another escape is refused",
	  TEXT("\"\\ud83d\\n\""), ANYWHERE },
	{ "a high surrogate before a character is refused",
	  TEXT("\"\\ud83d\\u0041\""), ANYWHERE },
	{ "two high surrogates are refused", TEXT("\"\\ud83d\\ud83d\""),
	  ANYWHERE },
	{ "a high surrogate before half an escape is refused",
	  TEXT("\"\\ud83d\\ude0\""), ANYWHERE },
	{ "a high surrogate at the end is refused", TEXT("\"\\ud83d"),
	  ANYWHERE },
	{ "a high surrogate before another character is refused",
	  TEXT("\"\\ud83d\\ue000\""), ANYWHERE },
	{ "a low surrogate alone is refused", TEXT("\"\\ude00\""), ANYWHERE },
	{ "the last low surrogate alone is refused", TEXT("\"\\udfff\""),
	  ANYWHERE },
	{ "a surrogate pair in the wrong order is refused",
	  TEXT("\"\\ude00\\ud83d\""), ANYWHERE },

	/* UTF-8 */
	{ "a following byte alone is not UTF-8", TEXT("\"a\x80\""), 2 },
	{ "the last following byte alone is not UTF-8", TEXT("\"\xbf\""), 1 },
	{ "Latin-1 is not UTF-8",
	  TEXT("\"\xfc"
	       "ber\""),
	  1 },
	{ "C0 begins nothing", TEXT("\"\xc0\x80\""), 1 },
	{ "C1 begins nothing", TEXT("\"\xc1\xbf\""), 1 },
	{ "a quote overlong in two bytes is not UTF-8", TEXT("\"\xc0\xa2\""),
	  1 },
	{ "overlong in three bytes is not UTF-8", TEXT("\"\xe0\x9f\xbf\""), 1 },
	{ "overlong in four bytes is not UTF-8", TEXT("\"\xf0\x8f\xbf\xbf\""),
	  1 },
	{ "zero overlong in three bytes is not UTF-8", TEXT("\"\xe0\x80\x80\""),
	  1 },
	{ "a raw first surrogate is not UTF-8", TEXT("\"\xed\xa0\x80\""), 1 },
	{ "a raw last surrogate is not UTF-8", TEXT("\"\xed\xbf\xbf\""), 1 },
	{ "a raw surrogate pair is not UTF-8",
	  TEXT("\"\xed\xa0\xbd\xed\xb8\x80\""), 1 },
	{ "a character beyond U+10FFFF is not UTF-8",
	  TEXT("\"\xf4\x90\x80\x80\""), 1 },
	{ "F5 begins nothing", TEXT("\"\xf5\x80\x80\x80\""), 1 },
	{ "F8 begins nothing", TEXT("\"\xf8\x88\x80\x80\x80\""), 1 },
	{ "FE is not UTF-8", TEXT("\"\xfe\""), 1 },
	{ "FF is not UTF-8", TEXT("\"\xff\""), 1 },
	{ "one of two bytes is too few", TEXT("\"\xc3\""), 1 },
	{ "one of two bytes before a letter is too few",
	  TEXT("\"\xc3"
	       "a\""),
	  1 },
	{ "two of three bytes are too few", TEXT("\"\xe2\x82\""), 1 },
	{ "two of three bytes before a letter are too few",
	  TEXT("\"\xe2\x82"
	       "a\""),
	  1 },
	{ "three of four bytes are too few", TEXT("\"\xf0\x9f\x98\""), 1 },
	{ "three of four bytes before a letter are too few",
	  TEXT("\"\xf0\x9f\x98"
	       "a\""),
	  1 },
	{ "a wrong third of four bytes is not UTF-8",
	  TEXT("\"\xf0\x9f"
	       "a\x80\""),
	  1 },
	{ "a first byte in place of a following byte is not UTF-8",
	  TEXT("\"\xe2\xc3\xbc\""), 1 },
	{ "text may not end within a character", TEXT("\"\xf0\x9f\x98"), 1 },
	{ "a name must be UTF-8", TEXT("{\"\xff\":1}"), 2 },
};

static void text_is_faulty(void **state)
{
	const struct fault_row *row = *state;
	struct json_fault fault = { NULL, SIZE_MAX };
	/* A sanitizer detects reading beyond memory that is not terminated. */
	char *text = malloc(row->length + 1);
	bool is_valid;

	memcpy(text, row->text, row->length);
	text = realloc(text, row->length ? row->length : 1);
	is_valid = json_read(arena, text, row->length, &fault);
	free(text);
	assert_false(is_valid);
	assert_non_null(fault.what);
	assert_true(strlen(fault.what) > 0);
	assert_true(fault.offset <= row->length);
	if (row->offset != ANYWHERE)
		assert_int_equal(fault.offset, row->offset);
}

static void mistakes_by_hand_are_explained(void)
{
	static const char *const texts[] = { "{\"a\":1,}", "{a:1}" };
	struct json_fault fault;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_false(
			json_read(arena, texts[i], strlen(texts[i]), &fault));
		assert_contains(fault.what, "name in double quotes");
		assert_contains(fault.what, "comma is one too many");
	}
}

static struct other_row {
	const char *name;
	const char *text;
	size_t length;
	size_t offset;
	const char *what;
} others[] = {
	{ "a comment before a name is named", TEXT("{// a\n\"b\":1}"), 1,
	  "no comments" },
	{ "a comment before a value is named", TEXT("{\"b\":/* a */1}"), 5,
	  "no comments" },
	{ "a comment after a value is named", TEXT("[1 # one\n]"), 3,
	  "no comments" },
	{ "a comment before a colon is named", TEXT("{\"b\"//\n:1}"), 4,
	  "no comments" },
	{ "a comment at the start is named", TEXT("// a\n{}"), 0,
	  "no comments" },
	{ "a comment at the end is named", TEXT("{} // a"), 3, "no comments" },
	{ "a name in single quotes is named", TEXT("{'a':1}"), 1,
	  "double quotes" },
	{ "a value in single quotes is named", TEXT("{\"a\":'1'}"), 5,
	  "double quotes" },
	{ "a byte order mark is named", TEXT("\xef\xbb\xbf{}"), 0,
	  "byte order mark" },
	{ "UTF-16 is named", TEXT("\xff\xfe{\0}\0"), 0, "UTF-16" },
	{ "UTF-16 in the other order is named", TEXT("\xfe\xff\0{\0}"), 0,
	  "UTF-16" },
	{ "UTF-16 without a mark is named", TEXT("{\0}\0"), 0, "UTF-16" },
	{ "so is the other order", TEXT("\0{\0}"), 0, "UTF-16" },
	{ "gzip is named", TEXT("\x1f\x8b\x08"), 0, "compressed" },
	{ "deflate is named", TEXT("x\x9c\xab"), 0, "compressed" },
	{ "Zstandard is named", TEXT("\x28\xb5\x2f\xfd"), 0, "compressed" },
};

static void other_format_is_named(void **state)
{
	const struct other_row *row = *state;
	struct json_fault fault;

	assert_false(json_read(arena, row->text, row->length, &fault));
	assert_contains(fault.what, row->what);
	assert_int_equal(fault.offset, row->offset);
}

/* ---- control bytes, all of them ---- */

static void raw_control_bytes_are_refused(void)
{
	for (int byte = 0; byte < 0x20; byte++) {
		const char text[] = { '"', 'a', (char)byte, '"' };
		struct json_fault fault;

		if (json_read(arena, text, sizeof text, &fault))
			fail_msg("byte %d is taken", byte);
		assert_int_equal(fault.offset, 2);
	}
}

/* ---- depth ---- */

static bool is_proper_at_depth(int depth, const char *open, const char *inside,
			       const char *close)
{
	const char *text = inside;
	struct json_fault fault;

	for (int i = 0; i < depth; i++)
		text = arena_printf(arena, "%s%s%s", open, text, close);
	return json_read(arena, text, strlen(text), &fault);
}

static struct depth_row {
	const char *name;
	int depth;
	const char *open, *inside, *close;
	bool expected;
} depths[] = {
	{ "32 arrays are deep enough", 32, "[", "", "]", true },
	{ "33 arrays are too deep", 33, "[", "", "]", false },
	{ "32 arrays around a value are deep enough", 32, "[", "1", "]", true },
	{ "33 arrays around a value are too deep", 33, "[", "1", "]", false },
	{ "32 objects are deep enough", 32, "{\"a\":", "1", "}", true },
	{ "33 objects are too deep", 33, "{\"a\":", "1", "}", false },
	{ "arrays and objects count together", 16, "[{\"a\":", "1", "}]",
	  true },
	{ "the sum of arrays and objects is too deep", 16, "[{\"a\":", "[]",
	  "}]", false },
	{ "brackets in a string do not count", 32, "[", "\"[[[[\"", "]", true },
};

static void depth_is_as_expected(void **state)
{
	const struct depth_row *row = *state;

	assert_bool(is_proper_at_depth(row->depth, row->open, row->inside,
				       row->close),
		    row->expected);
}

static void neighbours_are_not_deep(void)
{
	const char *text = "[]";
	struct json_fault fault;

	for (int i = 0; i < 100; i++)
		text = arena_printf(arena, "%s,{\"a\":[]}", text);
	text = arena_printf(arena, "[%s]", text);
	assert_true(json_read(arena, text, strlen(text), &fault));
}

static void endless_nesting_does_no_harm(void)
{
	enum { MANY = 1000000 };
	char *text = arena_alloc(arena, MANY);
	struct json_fault fault;

	memset(text, '[', MANY);
	assert_false(json_read(arena, text, MANY, &fault));
}

static struct unit_check checks[] = {
	{ "common mistakes have a clear message",
	  mistakes_by_hand_are_explained },
	{ "raw control bytes are refused, each of them",
	  raw_control_bytes_are_refused },
	{ "neighbours do not add to the depth", neighbours_are_not_deep },
	{ "endless nesting does no harm", endless_nesting_does_no_harm },
};

int main(void)
{
	UNIT_ROWS(valid, text_is_valid);
	UNIT_ROWS(others, other_format_is_named);
	UNIT_ROWS(faulty, text_is_faulty);
	UNIT_ROWS(depths, depth_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("json_reader");
}
