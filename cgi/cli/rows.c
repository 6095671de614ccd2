#include "cgi/cli/rows.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/table.h"
#include "lib/base/arena.h"
#include "lib/db/json_rows.h"
#include "lib/text/json.h"

enum { MOST_COLUMNS = 15 };

struct rows {
	const struct cli *cli;
	const char *const *columns;
	struct table *table; /* NULL: print JSON */
};

int rows_fail(void)
{
	return cli_fail("the database failed; the log line above has the "
			"reason");
}

const char *rows_text(struct arena *arena, const struct json *value)
{
	if (!value || json_is_null(value))
		return NULL;
	return json_text(value) ? json_text(value) : json_print(arena, value);
}

/* ---- tables ---- */

/* Return "CREATED AT" for "created_at". */
static const char *heading_of(struct arena *arena, const char *member)
{
	char *text = arena_strdup(arena, member);

	for (char *c = text; *c; c++) {
		if (*c == '_')
			*c = ' ';
		else
			*c = (char)toupper((unsigned char)*c);
	}
	return text;
}

static struct table *begin_table(struct arena *arena,
				 const char *const columns[])
{
	const char *headings[MOST_COLUMNS + 1] = { NULL };

	for (int i = 0; columns[i]; i++)
		headings[i] = heading_of(arena, columns[i]);
	return table_create(arena, headings);
}

static void add_to_table(const struct rows *rows, const struct json *object)
{
	const char *cells[MOST_COLUMNS];

	for (int i = 0; rows->columns[i]; i++)
		cells[i] = rows_text(rows->cli->arena,
				     json_member(object, rows->columns[i]));
	table_add(rows->table, cells);
}

void rows_print_table(const struct cli *cli, const struct json *const objects[],
		      int count, const char *const columns[])
{
	const struct rows rows = {
		.cli = cli,
		.columns = columns,
		.table = begin_table(cli->arena, columns),
	};

	for (int i = 0; i < count; i++)
		add_to_table(&rows, objects[i]);
	table_print(rows.table, cli->has_colours);
}

/* ---- tables or JSON ---- */

struct rows *rows_begin(const struct cli *cli, const char *const columns[])
{
	struct rows *rows = arena_alloc(cli->arena, sizeof *rows);

	rows->cli = cli;
	rows->columns = columns;
	if (!cli_has(cli, OPTION_JSON))
		rows->table = begin_table(cli->arena, columns);
	return rows;
}

void rows_add(struct rows *rows, const struct json *object)
{
	if (rows->table)
		add_to_table(rows, object);
	else
		puts(json_print_for_terminal(rows->cli->arena, object));
}

void rows_add_texts(struct rows *rows, const char *const texts[])
{
	struct json *object = json_object(rows->cli->arena);

	for (int i = 0; rows->columns[i]; i++) {
		if (texts[i])
			json_put_text(object, rows->columns[i], texts[i]);
		else
			json_put(object, rows->columns[i], NULL);
	}
	rows_add(rows, object);
}

void rows_end(struct rows *rows)
{
	if (rows->table)
		table_print(rows->table, rows->cli->has_colours);
}

static void print_found(const struct cli *cli, const struct json_rows *found,
			const char *const columns[])
{
	struct rows *rows = rows_begin(cli, columns);

	for (int i = 0; i < found->count; i++)
		rows_add(rows, found->list[i]);
	rows_end(rows);
}

void rows_print(const struct cli *cli, const struct json_rows *found,
		const char *const columns[])
{
	print_found(cli, found, columns);
	if (found->is_cut)
		cli_fail("only the newest %d are shown; --limit N shows more",
			 found->count);
}

void rows_print_page(const struct cli *cli, const struct json_rows *found,
		     const char *const columns[])
{
	bool is_counted = found->total <= JSON_ROWS_MOST;
	const struct json *last;

	print_found(cli, found, columns);
	if (!found->is_cut)
		return;
	last = found->list[found->count - 1];
	cli_fail("only %d of %s%" PRId64 " are shown; --after %s shows the "
		 "next, and --limit N shows more at once",
		 found->count, is_counted ? "" : "more than ",
		 is_counted ? found->total : JSON_ROWS_MOST,
		 rows_text(cli->arena, json_member(last, "id")));
}

void rows_print_fields(const struct cli *cli, const struct json *object)
{
	static const char *const headings[] = { "FIELD", "VALUE", NULL };
	struct table *table = table_create(cli->arena, headings);

	if (cli_has(cli, OPTION_JSON)) {
		puts(json_print_for_terminal(cli->arena, object));
		return;
	}
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!json_is_null(m))
			table_add(table,
				  (const char *const[]){
					  json_name(m),
					  rows_text(cli->arena, m) });
	table_print(table, cli->has_colours);
}
