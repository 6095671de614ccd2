#include "unit.h"

#include "lib/base/utf8.h"

static struct take_row {
	const char *name;
	const char *text;
	size_t expected; /* bytes; 0: not a character */
} takes[] = {
	{ "a letter has one byte", "a", 1 },
	{ "U+0001 has one byte", "\x01", 1 },
	{ "U+007F has one byte", "\x7f", 1 },
	{ "U+0080 has two bytes", "\xc2\x80", 2 },
	{ "U+07FF has two bytes", "\xdf\xbf", 2 },
	{ "U+0800 has three bytes", "\xe0\xa0\x80", 3 },
	{ "U+1000 has three bytes", "\xe1\x80\x80", 3 },
	{ "U+CFFF has three bytes", "\xec\xbf\xbf", 3 },
	{ "U+D7FF has three bytes", "\xed\x9f\xbf", 3 },
	{ "U+E000 has three bytes", "\xee\x80\x80", 3 },
	{ "U+FFFF has three bytes", "\xef\xbf\xbf", 3 },
	{ "U+10000 has four bytes", "\xf0\x90\x80\x80", 4 },
	{ "U+40000 has four bytes", "\xf1\x80\x80\x80", 4 },
	{ "U+FFFFF has four bytes", "\xf3\xbf\xbf\xbf", 4 },
	{ "U+10FFFF has four bytes", "\xf4\x8f\xbf\xbf", 4 },
	{ "an empty text has no character", "", 0 },
	{ "a following byte begins none", "\x80", 0 },
	{ "the last following byte begins none", "\xbf", 0 },
	{ "C0 begins none", "\xc0\x80", 0 },
	{ "C1 begins none", "\xc1\xbf", 0 },
	{ "F5 begins none", "\xf5\x80\x80\x80", 0 },
	{ "FE begins none", "\xfe", 0 },
	{ "FF begins none", "\xff", 0 },
	{ "overlong in three bytes is refused", "\xe0\x9f\xbf", 0 },
	{ "overlong in four bytes is refused", "\xf0\x8f\xbf\xbf", 0 },
	{ "the first surrogate is refused", "\xed\xa0\x80", 0 },
	{ "the last surrogate is refused", "\xed\xbf\xbf", 0 },
	{ "what lies beyond U+10FFFF is refused", "\xf4\x90\x80\x80", 0 },
	{ "a wrong second byte makes none",
	  "\xc3"
	  "a",
	  0 },
	{ "a second byte that begins anew makes none", "\xc3\xc3", 0 },
	{ "a wrong third byte makes none",
	  "\xe2\x82"
	  "a",
	  0 },
	{ "a third byte that begins anew makes none", "\xe2\x82\xc3", 0 },
	{ "a wrong third of four bytes makes none",
	  "\xf0\x9f"
	  "a\x80",
	  0 },
	{ "a wrong fourth byte makes none",
	  "\xf0\x9f\x98"
	  "a",
	  0 },
};

/* Read the text with following bytes, without them, and with a byte less. */
static void character_is_as_expected(void **state)
{
	const struct take_row *row = *state;
	size_t length = strlen(row->text);
	const char *longer = arena_printf(arena, "%sx", row->text);

	if (length > 0)
		assert_int_equal(utf8_take(longer, length + 1), row->expected);
	assert_int_equal(utf8_take(row->text, length), row->expected);
	if (row->expected > 0)
		assert_int_equal(utf8_take(row->text, row->expected - 1), 0);
}

static struct text_row {
	const char *name;
	const char *text;
	int expected; /* characters; -1: the text is not valid */
} texts[] = {
	{ "an empty text is valid and has no characters", "", 0 },
	{ "ASCII has as many characters as bytes", "fast-db", 7 },
	{ "two bytes are one character",
	  "\xc3\xbc"
	  "ber",
	  4 },
	{ "three bytes are one character", "5 \xe2\x82\xac", 3 },
	{ "four bytes are one character", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
	  2 },
	{ "a combining mark is a character", "u\xcc\x88", 2 },
	{ "a control character is one", "a\nb", 3 },
	{ "a wrong first byte is not valid", "\xffok", -1 },
	{ "a wrong byte in the middle is not valid", "ok\xffok", -1 },
	{ "a wrong last byte is not valid", "ok\xff", -1 },
	{ "half a character at the end is not valid", "ok\xc3", -1 },
	{ "Latin-1 is not valid",
	  "\xfc"
	  "ber",
	  -1 },
};

static void text_is_as_expected(void **state)
{
	const struct text_row *row = *state;

	assert_bool(utf8_is_valid(row->text), row->expected >= 0);
	if (row->expected >= 0)
		assert_int_equal(utf8_count(row->text), row->expected);
}

static struct terminal_row {
	const char *name;
	const char *text;
	const char *expected;
} terminals[] = {
	{ "an empty text stays", "", "" },
	{ "what can be read stays", "a \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80~",
	  "a \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80~" },
	{ "an escape is shown", "\033[2J", "?[2J" },
	{ "a newline is shown", "a\n\tb", "a??b" },
	{ "a delete is shown", "a\177b", "a?b" },
	{ "the first C1 control is one character", "a\xc2\x80z", "a?z" },
	{ "an escape in C1 is one character",
	  "\xc2\x9b"
	  "2J",
	  "?2J" },
	{ "the last C1 control is one character", "\xc2\x9f", "?" },
	{ "what follows C1 stays", "\xc2\xa0", "\xc2\xa0" },
	{ "a C1 byte in a longer character is kept", "\xe2\x82\x9b",
	  "\xe2\x82\x9b" },
	{ "a C1 byte alone becomes a question mark",
	  "\x9b"
	  "2J",
	  "?2J" },
	{ "a change of direction is shown", "a\u202egnp.exe", "a?gnp.exe" },
	{ "marks and isolates of direction are shown",
	  "\u200e\u200f\u061c\u202a\u2066\u2069.", "??????." },
	{ "separators of lines are shown", "\u2028\u2029.", "??." },
	{ "their neighbours stay", "\u200d\u2010\u2027\u202f\u2065\u206a",
	  "\u200d\u2010\u2027\u202f\u2065\u206a" },
	{ "each byte that is not UTF-8 is shown", "\xff\xfe.", "??." },
	{ "an override of the direction is shown", "a\xe2\x80\xaegnp.exe",
	  "a?gnp.exe" },
	{ "all other characters of this kind are shown",
	  "\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xa8\xe2\x81\xa6"
	  "\xe2\x81\xa9",
	  "??????" },
	{ "their neighbours stay",
	  "\xd8\x9d\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa",
	  "\xd8\x9d\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa" },
	{ "half a character is shown", "ok\xe2\x82", "ok??" },
};

static void terminal_is_as_expected(void **state)
{
	const struct terminal_row *row = *state;
	const char *shown = utf8_for_terminal(arena, row->text);

	assert_string_equal(shown, row->expected);
	assert_true(utf8_is_valid(shown));
}

static struct mend_row {
	const char *name;
	const char *text;
	const char *mended;
} mends[] = {
	{ "what is valid stays", "a\xc3\xbc\xe2\x82\xac",
	  "a\xc3\xbc\xe2\x82\xac" },
	{ "nothing stays nothing", "", "" },
	{ "a character that was cut is marked", "a\xe2\x82", "a??" },
	{ "a byte of no character is marked", "\xff\xc3\xbc", "?\xc3\xbc" },
	{ "an overlong form is marked", "\xc0\x80x", "??x" },
};

static void text_is_mended(void **state)
{
	const struct mend_row *row = *state;
	char *text = arena_strdup(arena, row->text);

	utf8_repair(text);
	assert_string_equal(text, row->mended);
	assert_true(utf8_is_valid(text));
}

int main(void)
{
	UNIT_ROWS(mends, text_is_mended);
	UNIT_ROWS(takes, character_is_as_expected);
	UNIT_ROWS(texts, text_is_as_expected);
	UNIT_ROWS(terminals, terminal_is_as_expected);
	return unit_run("utf8");
}
