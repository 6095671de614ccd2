#include "unit.h"

#include "lib/text/csv.h"

/* Write all records of text as "LINE:FIELD|FIELD;". */
static const char *read_all(struct csv *csv, const char **why)
{
	struct csv_record record;
	const char *all = "";

	while (csv_read(csv, &record, why)) {
		all = arena_printf(arena, "%s%d:", all, record.line);
		for (int i = 0; i < record.count; i++)
			all = arena_printf(arena, "%s%s%s", all,
					   record.fields[i],
					   i + 1 < record.count ? "|" : ";");
	}
	return all;
}

static struct read_row {
	const char *name;
	const char *text;
	const char *expected;
} reads[] = {
	{ "nothing has no record", "", "" },
	{ "a record ends with its line", "a,b\r\nc,d\r\n", "1:a|b;2:c|d;" },
	{ "a newline alone ends it too", "a,b\nc,d\n", "1:a|b;2:c|d;" },
	{ "the last one need not end", "a\nb", "1:a;2:b;" },
	{ "a field may be empty", "a,,\n", "1:a||;" },
	{ "empty lines are skipped", "\n\r\na\n\nb\n", "3:a;5:b;" },
	{ "quotes hold a comma", "\"a,b\",c\n", "1:a,b|c;" },
	{ "two quotes are one", "\"a\"\"b\"\n", "1:a\"b;" },
	{ "quotes may hold nothing", "\"\",a\n", "1:|a;" },
	{ "quotes hold lines", "\"a\r\nb\",c\nd\n", "1:a\r\nb|c;3:d;" },
	{ "a carriage return alone ends nothing", "a\rb\n", "1:a\rb;" },
};

static void records_are_as_expected(void **state)
{
	const struct read_row *row = *state;
	struct csv csv = { arena, row->text, 1 };
	const char *why;

	assert_string_equal(read_all(&csv, &why), row->expected);
	assert_null(why);
}

static struct refuse_row {
	const char *name;
	const char *text;
	int line;
	const char *why;
} refusals[] = {
	{ "a quote is to be closed", "a\n\"b", 2, "not closed" },
	{ "a plain field has no quote", "a\"b\n", 1, "does not begin" },
	{ "nothing follows a quote", "\"a\"b\n", 1, "text follows" },
	{ "there is a limit to fields", ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", 1,
	  "too many" },
};

static void text_is_refused(void **state)
{
	const struct refuse_row *row = *state;
	struct csv csv = { arena, row->text, 1 };
	const char *why;

	read_all(&csv, &why);
	assert_contains(why, row->why);
	assert_int_equal(csv.line, row->line);
}

static struct write_row {
	const char *name;
	const char *text;
	const char *expected;
} writes[] = {
	{ "what is plain stays so", "a b", "a b" },
	{ "nothing stays nothing", "", "" },
	{ "a comma needs quotes", "a,b", "\"a,b\"" },
	{ "a line's end needs quotes", "a\nb", "\"a\nb\"" },
	{ "a carriage return needs quotes", "\r", "\"\r\"" },
	{ "a quote is written twice", "\"", "\"\"\"\"" },
};

static void field_is_as_expected(void **state)
{
	const struct write_row *row = *state;

	assert_string_equal(csv_field(arena, row->text), row->expected);
}

int main(void)
{
	UNIT_ROWS(reads, records_are_as_expected);
	UNIT_ROWS(refusals, text_is_refused);
	UNIT_ROWS(writes, field_is_as_expected);
	return unit_run("csv");
}
