#include "cgi/cli/table.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/utf8.h"

enum {
	MOST_COLUMNS = 16,
	SHORT = 36,     /* the width of a UUID: such a column is not wrapped */
	LEAST_ROOM = 24 /* for a wrapped column */
};

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const char separator[] = "  ";

struct table {
	struct arena *arena;
	struct libscols_table *scols;
	int count;
	int widths[MOST_COLUMNS]; /* of the widest cells, in characters */
};

/* libsmartcols fails only if memory runs out. */
static void must_succeed(int result)
{
	if (result != 0)
		must(NULL);
}

static void release_scols(void *scols)
{
	scols_unref_table(scols);
}

static void widen_column(struct table *table, int column, const char *text)
{
	int width = utf8_count(text);

	if (width > table->widths[column])
		table->widths[column] = width;
}

struct table *table_create(struct arena *arena, const char *const headings[])
{
	struct table *table = arena_alloc(arena, sizeof *table);

	table->arena = arena;
	table->scols = must(scols_new_table());
	arena_defer(arena, release_scols, table->scols);
	must_succeed(scols_table_set_column_separator(table->scols, separator));
	for (; headings[table->count]; table->count++) {
		must(scols_table_new_column(table->scols,
					    headings[table->count], 0, 0));
		widen_column(table, table->count, headings[table->count]);
	}
	return table;
}

void table_add(struct table *table, const char *const texts[])
{
	struct libscols_line *line =
		must(scols_table_new_line(table->scols, NULL));

	for (int i = 0; i < table->count; i++) {
		const char *text = utf8_for_terminal(table->arena,
						     texts[i] ? texts[i] : "");

		must_succeed(scols_line_set_data(line, (size_t)i, text));
		widen_column(table, i, text);
	}
}

static struct libscols_column *column_of(const struct table *table, int index)
{
	return scols_table_get_column(table->scols, (size_t)index);
}

/* Wrap wide columns if the terminal has room for them beside the others. */
static void wrap_wide_columns(struct table *table)
{
	int room = (int)scols_table_get_termwidth(table->scols);

	for (int i = 0; i < table->count; i++) {
		if (i > 0)
			room -= (int)strlen(separator);
		room -= table->widths[i] > SHORT ? LEAST_ROOM
						 : table->widths[i];
	}
	for (int i = 0; room >= 0 && i < table->count; i++)
		if (table->widths[i] > SHORT)
			must_succeed(scols_column_set_flags(column_of(table, i),
							    SCOLS_FL_WRAP));
}

static void embolden_headings(struct table *table)
{
	must_succeed(scols_table_enable_colors(table->scols, true));
	for (int i = 0; i < table->count; i++)
		must_succeed(scols_cell_set_color(
			scols_column_get_header(column_of(table, i)), BOLD));
}

/* libsmartcols prints nothing if there is no row. */
static void print_headings(const struct table *table, bool has_colours)
{
	for (int i = 0; i < table->count; i++)
		printf("%s%s%s%s", i > 0 ? separator : "",
		       has_colours ? BOLD : "",
		       scols_column_get_name(column_of(table, i)),
		       has_colours ? PLAIN : "");
	putchar('\n');
}

/* libsmartcols knows the width of a character only in a UTF-8 locale. */
static void print_rows(struct table *table)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	locale_t previous = uselocale(utf8);

	must_succeed(scols_print_table(table->scols));
	uselocale(previous);
	if (utf8)
		freelocale(utf8);
}

void table_print(struct table *table, bool has_colours)
{
	if (scols_table_get_nlines(table->scols) == 0) {
		print_headings(table, has_colours);
		return;
	}
	wrap_wide_columns(table);
	if (has_colours)
		embolden_headings(table);
	print_rows(table);
}
