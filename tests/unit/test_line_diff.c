#include "unit.h"

#include "lib/text/line_diff.h"

static struct diff_row {
	const char *name;
	const char *before, *after;
	int removed, added;
	const char *expected;
} rows[] = {
	{ "equal texts have no difference", "a\nb", "a\nb", 0, 0,
	  "  a\n  b\n" },
	{ "a line is added", "a\nc", "a\nb\nc", 0, 1, "  a\n+ b\n  c\n" },
	{ "a line is removed", "a\nb\nc", "a\nc", 1, 0, "  a\n- b\n  c\n" },
	{ "a line is replaced", "a\nb\nc", "a\nx\nc", 1, 1,
	  "  a\n- b\n+ x\n  c\n" },
	{ "lines at the start", "b", "a\nb", 0, 1, "+ a\n  b\n" },
	{ "lines at the end", "a\nb", "a", 1, 0, "  a\n- b\n" },
	{ "nothing is common", "a", "b", 1, 1, "- a\n+ b\n" },
	{ "as few lines as possible", "a\nb\nc\na\nb", "c\na\nb\na", 2, 1,
	  "- a\n- b\n  c\n  a\n  b\n+ a\n" },
	{ "a comma does not count", "a,\nb", "a\nb,\nc", 0, 1,
	  "  a\n  b,\n+ c\n" },
	{ "a line is not its beginning", "ab", "a", 1, 1, "- ab\n+ a\n" },
};

static void diff_is_as_expected(void **state)
{
	const struct diff_row *row = *state;
	const struct line_diff diff = line_diff(arena, row->before, row->after);

	assert_string_equal(diff.text, row->expected);
	assert_int_equal(diff.removed, row->removed);
	assert_int_equal(diff.added, row->added);
}

/* A text of count lines, of which every tenth has the letter. */
static const char *long_text(size_t count, char letter)
{
	char *text = arena_alloc(arena, 2 * count + 1);

	for (size_t i = 0; i < count; i++) {
		text[2 * i] = i % 10 == 0 ? letter : 'a';
		text[2 * i + 1] = '\n';
	}
	return text;
}

static void long_texts_are_compared_in_their_order(void)
{
	enum { LINES = 10000 };
	const struct line_diff diff =
		line_diff(arena, long_text(LINES, 'b'), long_text(LINES, 'c'));

	assert_true(diff.removed >= LINES / 10);
	assert_int_equal(diff.removed, diff.added);
	assert_int_equal(strncmp(diff.text, "- b\n", 4), 0);
}

static struct unit_check checks[] = {
	{ "long texts are compared in their order",
	  long_texts_are_compared_in_their_order },
};

int main(void)
{
	UNIT_ROWS(rows, diff_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("line_diff");
}
