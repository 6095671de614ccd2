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
	{ "a formula loses its apostrophe", "'=1,\"'-a\"\n", "1:=1|-a;" },
	{ "a formula may lack it", "=1,-1\n", "1:=1|-1;" },
	{ "another text keeps its apostrophe", "'a,'\n", "1:'a|';" },
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
	{ "a carriage return needs quotes", "a\r", "\"a\r\"" },
	{ "a quote is written twice", "\"", "\"\"\"\"" },
	{ "a formula gets an apostrophe", "=1", "'=1" },
	{ "a plus begins a formula", "+1", "'+1" },
	{ "a minus begins a formula", "-1", "'-1" },
	{ "an at sign begins a formula", "@A", "'@A" },
	{ "a tab begins a formula", "\t=1", "'\t=1" },
	{ "a carriage return begins a formula", "\r=1", "\"'\r=1\"" },
	{ "a newline begins a formula", "\n=1", "\"'\n=1\"" },
	{ "a full-width sign begins a formula", "\uff1d1", "'\uff1d1" },
	{ "a formula with a comma is quoted, too", "=A(1,2)", "\"'=A(1,2)\"" },
	{ "an apostrophe before a formula gets another", "'=1", "''=1" },
	{ "another apostrophe stays alone", "'a", "'a" },
	{ "a sign that is not the first stays", "a=1", "a=1" },
};

static void field_is_as_expected(void **state)
{
	const struct write_row *row = *state;

	assert_string_equal(csv_field(arena, row->text), row->expected);
}

/* Each text, with up to two apostrophes before it, is read as it was
 * written. */
static void field_is_read_as_written(void **state)
{
	const struct write_row *row = *state;

	for (int count = 0; count <= 2; count++) {
		const char *text =
			arena_printf(arena, "%.*s%s", count, "''", row->text);
		struct csv csv = { arena, csv_field(arena, text), 1 };
		struct csv_record record;
		const char *why;

		if (!*text)
			continue; /* an empty line has no record */
		assert_true(csv_read(&csv, &record, &why));
		assert_int_equal(record.count, 1);
		assert_text(record.fields[0], text);
	}
}

int main(void)
{
	UNIT_ROWS(reads, records_are_as_expected);
	UNIT_ROWS(refusals, text_is_refused);
	UNIT_ROWS(writes, field_is_as_expected);
	UNIT_ROWS(writes, field_is_read_as_written);
	return unit_run("csv");
}
