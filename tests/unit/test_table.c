#include "files.h"

#include "cgi/cli/table.h"

/* What is printed, in place of standard output. */
static const char *printed(const struct table *table, bool is_json,
			   bool has_colours)
{
	const char *path = files_write("printed", "");
	int output;

	fflush(stdout);
	output = dup(STDOUT_FILENO);
	assert_true(output >= 0);
	assert_non_null(freopen(path, "we", stdout));
	table_print(table, is_json, has_colours);
	fflush(stdout);
	assert_true(dup2(output, STDOUT_FILENO) >= 0);
	close(output);
	return files_read(path);
}

static struct table *table_of(const char *const rows[][2], size_t count)
{
	static const char *const columns[] = { "NAME", "PLAN SINCE", NULL };
	struct table *table = table_create(arena, columns);

	for (size_t i = 0; i < count; i++)
		table_add(table, rows[i]);
	return table;
}

static void columns_are_as_wide_as_need_be(void)
{
	static const char *const rows[][2] = {
		{ "fast-db", "basic" },
		{ "\xc3\xbc\xe2\x82\xac", "a longer one" },
		{ NULL, NULL },
	};

	assert_string_equal(printed(table_of(rows, COUNT(rows)), false, false),
			    "NAME     PLAN SINCE\n"
			    "fast-db  basic\n"
			    "\xc3\xbc\xe2\x82\xac       a longer one\n"
			    "         \n");
}

static void the_heading_may_be_bold(void)
{
	assert_string_equal(printed(table_of(NULL, 0), false, true),
			    "\033[1mNAME  PLAN SINCE\n\033[0m");
}

static void what_a_terminal_would_obey_is_replaced(void)
{
	static const char *const rows[][2] = {
		{ "\033[2Jab", "x" },
		{ "\xc2\x9b"
		  "2Jab",
		  "x" },
		{ "\x9b"
		  "2Jab\xff",
		  "x" },
	};

	assert_string_equal(printed(table_of(rows, COUNT(rows)), false, false),
			    "NAME    PLAN SINCE\n"
			    "?[2Jab  x\n"
			    "?2Jab   x\n"
			    "?2Jab?  x\n");
}

static void for_programs_it_is_an_object_a_line(void)
{
	static const char *const rows[][2] = {
		{ "a\nb", NULL },
		{ "\xc3\xbc", "basic" },
	};

	assert_string_equal(
		printed(table_of(rows, COUNT(rows)), true, true),
		"{\"name\":\"a\\nb\",\"plan_since\":null}\n"
		"{\"name\":\"\xc3\xbc\",\"plan_since\":\"basic\"}\n");
}

static struct unit_check checks[] = {
	{ "columns are as wide as need be, counted in characters",
	  columns_are_as_wide_as_need_be },
	{ "the heading may be bold", the_heading_may_be_bold },
	{ "what a terminal would obey is replaced",
	  what_a_terminal_would_obey_is_replaced },
	{ "for programs it is an object a line",
	  for_programs_it_is_an_object_a_line },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("table");
}
