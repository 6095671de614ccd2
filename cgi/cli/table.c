#include "cgi/cli/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"

enum { MOST_COLUMNS = 16 };

struct row {
	struct row *next;
	const char *values[MOST_COLUMNS]; /* NULL: empty */
	const char *cells[MOST_COLUMNS];  /* the same for a terminal */
};

struct table {
	struct arena *arena;
	int count;
	const char *columns[MOST_COLUMNS];
	int widths[MOST_COLUMNS];
	struct row *first;
	struct row **end;
};

static void widen(struct table *table, int column, const char *text)
{
	int width = utf8_count(text);

	if (width > table->widths[column])
		table->widths[column] = width;
}

struct table *table_create(struct arena *arena, const char *const columns[])
{
	struct table *table = arena_alloc(arena, sizeof *table);

	table->arena = arena;
	table->end = &table->first;
	for (; columns[table->count]; table->count++) {
		table->columns[table->count] = columns[table->count];
		widen(table, table->count, columns[table->count]);
	}
	return table;
}

void table_add(struct table *table, const char *const values[])
{
	struct row *row = arena_alloc(table->arena, sizeof *row);

	for (int i = 0; i < table->count; i++) {
		row->values[i] = values[i];
		row->cells[i] = utf8_for_terminal(table->arena,
						  values[i] ? values[i] : "");
		widen(table, i, row->cells[i]);
	}
	*table->end = row;
	table->end = &row->next;
}

static void print_line(const struct table *table, const char *const cells[])
{
	for (int i = 0; i < table->count; i++) {
		int left = table->widths[i] - utf8_count(cells[i]);

		fputs(cells[i], stdout);
		if (i < table->count - 1)
			printf("%*s", left + 2, "");
	}
	putchar('\n');
}

static const char *member_name(struct arena *arena, const char *column)
{
	char *name = arena_strdup(arena, column);

	for (char *c = name; *c; c++) {
		if (*c == ' ')
			*c = '_';
		else
			*c = (char)tolower((unsigned char)*c);
	}
	return name;
}

static void print_object(const struct table *table, const struct row *row)
{
	struct json *object = json_object(table->arena);

	for (int i = 0; i < table->count; i++) {
		const char *name = member_name(table->arena, table->columns[i]);

		if (row->values[i])
			json_put_text(object, name, row->values[i]);
		else
			json_put(object, name, NULL);
	}
	puts(json_print(table->arena, object));
}

void table_print(const struct table *table, bool is_json, bool has_colours)
{
	if (!is_json) {
		fputs(has_colours ? "\033[1m" : "", stdout);
		print_line(table, table->columns);
		fputs(has_colours ? "\033[0m" : "", stdout);
	}
	for (const struct row *row = table->first; row; row = row->next) {
		if (is_json)
			print_object(table, row);
		else
			print_line(table, row->cells);
	}
}
