#include "files.h"

#include <fcntl.h>
#include <pty.h>

#include "cgi/cli/table.h"

enum { MOST_ROWS = 3, OUTPUT_SIZE = 4096 };

#define LONG "https://example.com/a/path/of/fifty-two/characters/xx"

static struct example {
	const char *name;
	int width; /* of the terminal; 0: not a terminal */
	bool has_colours;
	const char *rows[MOST_ROWS][2];
	const char *expected;
} examples[] = {
	{ "columns are as wide as their widest cell",
	  0,
	  false,
	  { { "fast-db", "basic" },
	    { "\xc3\xbc\xe2\x82\xac", "a longer one" },
	    { "x", NULL } },
	  "NAME     PLAN SINCE\n"
	  "fast-db  basic\n"
	  "\xc3\xbc\xe2\x82\xac       a longer one\n"
	  "x        \n" },
	{ "a wide character counts for two",
	  0,
	  false,
	  { { "\xe6\xbc\xa2\xe5\xad\x97", "basic" } },
	  "NAME  PLAN SINCE\n"
	  "\xe6\xbc\xa2\xe5\xad\x97  basic\n" },
	{ "headings are bold in colour",
	  0,
	  true,
	  { { "a", "b" } },
	  "\033[1mNAME\033[0m  \033[1mPLAN SINCE\033[0m\n"
	  "a     b\n" },
	{ "a table without rows has headings",
	  0,
	  false,
	  { { NULL } },
	  "NAME  PLAN SINCE\n" },
	{ "so it has in colour",
	  0,
	  true,
	  { { NULL } },
	  "\033[1mNAME\033[0m  \033[1mPLAN SINCE\033[0m\n" },
	{ "control characters are replaced",
	  0,
	  false,
	  { { "\033[2Jab", "x" },
	    { "\xc2\x9b"
	      "2Jab",
	      "x" },
	    { "\x9b"
	      "2Jab\xff",
	      "x" } },
	  "NAME    PLAN SINCE\n"
	  "?[2Jab  x\n"
	  "?2Jab   x\n"
	  "?2Jab?  x\n" },
	{ "a row is one line where there is no terminal",
	  0,
	  false,
	  { { "a", LONG } },
	  "NAME  PLAN SINCE\n"
	  "a     " LONG "\n" },
	{ "a long text is wrapped on a terminal",
	  40,
	  false,
	  { { "a", LONG }, { "b", "basic" } },
	  "NAME  PLAN SINCE\r\n"
	  "a     https://example.com/a/path/of/fift\r\n"
	  "      y-two/characters/xx\r\n"
	  "b     basic\r\n" },
	{ "no column is made narrower than 24 characters",
	  28,
	  false,
	  { { "a", LONG } },
	  "NAME  PLAN SINCE\r\n"
	  "a     " LONG "\r\n" },
	{ "an id is never wrapped",
	  30,
	  false,
	  { { "a", "01234567-89ab-cdef-0123-456789abcdef" } },
	  "NAME  PLAN SINCE\r\n"
	  "a     01234567-89ab-cdef-0123-456789abcdef\r\n" },
};

static void print_rows(const struct example *example)
{
	static const char *const headings[] = { "NAME", "PLAN SINCE", NULL };
	struct table *table = table_create(arena, headings);

	for (int i = 0; i < MOST_ROWS && example->rows[i][0]; i++)
		table_add(table, example->rows[i]);
	table_print(table, example->has_colours);
	fflush(stdout);
}

/* Print with standard output replaced by a file, or by a terminal of this
 * width.  Return what could then be read. */
static const char *printed(const struct example *example)
{
	const struct winsize size = { .ws_col =
					      (unsigned short)example->width };
	char *text = arena_alloc(arena, OUTPUT_SIZE);
	int output = dup(STDOUT_FILENO);
	int reader, writer;

	assert_true(output >= 0);
	if (example->width > 0)
		assert_int_equal(openpty(&reader, &writer, NULL, NULL, &size),
				 0);
	else
		reader = writer =
			open(files_write("printed", ""), O_RDWR | O_CLOEXEC);
	assert_true(writer >= 0);
	fflush(stdout);
	assert_true(dup2(writer, STDOUT_FILENO) >= 0);
	print_rows(example);
	assert_true(dup2(output, STDOUT_FILENO) >= 0);
	close(output);
	if (example->width == 0)
		assert_int_equal(lseek(reader, 0, SEEK_SET), 0);
	assert_true(read(reader, text, OUTPUT_SIZE - 1) > 0);
	close(reader);
	if (writer != reader)
		close(writer);
	return text;
}

static void table_is_as_expected(void **state)
{
	const struct example *example = *state;

	assert_text(printed(example), example->expected);
}

int main(void)
{
	UNIT_ROWS(examples, table_is_as_expected);
	return unit_run("table");
}
