#include "files.h"

#include "lib/text/record.h"

/* Write all records of text as "LINE:RECORD;", and the file's fault. */
static const char *cut(const char *text, enum record_form form)
{
	FILE *file = fopen(files_write("records", text), "re");
	struct record_reader reader = record_reader_open(arena, file, form);
	const char *all = "", *why;

	while (record_read(&reader, &why))
		all = arena_printf(arena, "%s%d:%s;", all, reader.line,
				   reader.text);
	fclose(file);
	return arena_printf(arena, "%s%s", all, why ? why : "");
}

static struct record_row {
	const char *name;
	enum record_form form;
	const char *text;
	const char *expected;
} rows[] = {
	{ "nothing has no line", RECORD_LINE, "", "" },
	{ "a line keeps its end", RECORD_LINE, "a\nb\n", "1:a\n;2:b\n;" },
	{ "the last one need not end", RECORD_LINE, "a\nb", "1:a\n;2:b;" },
	{ "a quote ends with its line", RECORD_LINE, "\"a\nb", "1:\"a\n;2:b;" },
	{ "a quote of CSV holds lines", RECORD_CSV, "\"a\nb\",c\nd",
	  "1:\"a\nb\",c\n;3:d;" },
	{ "two quotes are one", RECORD_CSV, "\"a\"\"\nb\"\nc",
	  "1:\"a\"\"\nb\"\n;3:c;" },
	{ "elements are numbered", RECORD_ELEMENT, " [{\"a\":1},\n2]\n",
	  "1:{\"a\":1};2:\n2;" },
	{ "an array may be empty", RECORD_ELEMENT, "[ ]", "" },
	{ "objects hold commas", RECORD_ELEMENT, "[{\"a\":[1,2]},3]",
	  "1:{\"a\":[1,2]};2:3;" },
	{ "strings hold brackets", RECORD_ELEMENT, "[\"]},\",\"\\\"]\"]",
	  "1:\"]},\";2:\"\\\"]\";" },
	{ "a backslash may be escaped", RECORD_ELEMENT, "[\"\\\\\",2]",
	  "1:\"\\\\\";2:2;" },
	{ "an element may be missing", RECORD_ELEMENT, "[1,]", "1:1;2:;" },
	{ "an array is closed", RECORD_ELEMENT, "[1,{}",
	  "1:1;the array is not closed" },
	{ "... outside strings", RECORD_ELEMENT, "[\"]",
	  "the array is not closed" },
	{ "an array is the whole file", RECORD_ELEMENT, "[1]2",
	  "the array ends before the file" },
	{ "an object is not an array", RECORD_ELEMENT, "{\"a\":[1]}",
	  "it is not an array" },
	{ "nothing is not an array", RECORD_ELEMENT, "", "it is not an array" },
};

static void records_are_as_expected(void **state)
{
	const struct record_row *row = *state;

	assert_string_equal(cut(row->text, row->form), row->expected);
}

/* Return a text of a bracket and length letters. */
static char *long_text(size_t length)
{
	char *text = arena_alloc(arena, length + 2);

	text[0] = '[';
	memset(text + 1, 'a', length);
	return text;
}

static void a_record_has_a_mebibyte(void)
{
	static const enum record_form forms[] = { RECORD_LINE, RECORD_CSV,
						  RECORD_ELEMENT };

	for (size_t i = 0; i < COUNT(forms); i++)
		assert_non_null(
			strstr(cut(long_text(RECORD_MOST + 1), forms[i]),
			       "it has more than 1 MiB"));
	assert_null(
		strstr(cut(long_text(RECORD_MOST - 1), RECORD_LINE), "it has"));
}

static void a_file_is_read_again(void)
{
	FILE *file = fopen(files_write("records", "[1]"), "re");
	struct record_reader reader =
		record_reader_open(arena, file, RECORD_ELEMENT);
	const char *why;

	for (int round = 0; round < 2; round++) {
		assert_true(record_read(&reader, &why));
		assert_string_equal(reader.text, "1");
		assert_false(record_read(&reader, &why));
		assert_null(why);
		record_reader_rewind(&reader);
	}
	fclose(file);
}

static struct unit_check checks[] = {
	{ "a record has a mebibyte at most", a_record_has_a_mebibyte },
	{ "a file is read again", a_file_is_read_again },
};

int main(void)
{
	UNIT_ROWS(rows, records_are_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("record");
}
