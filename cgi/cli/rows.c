#include "cgi/cli/rows.h"

#include <ctype.h>
#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/table.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

enum { MOST_MEMBERS = 15 };

int rows_fail(void)
{
	return cli_fail("the database did not answer as it should; the log "
			"line above says why");
}

const char *rows_text(struct arena *arena, const struct json *value)
{
	if (!value || json_is_null(value))
		return NULL;
	return json_text(value) ? json_text(value) : json_print(arena, value);
}

/* "created_at" as a column's heading. */
static const char *heading(struct arena *arena, const char *member)
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

void rows_print_table(const struct cli *cli, const struct json_rows *found,
		      const char *const members[])
{
	const char *cells[MOST_MEMBERS + 1] = { NULL };
	struct table *table;

	for (int i = 0; members[i]; i++)
		cells[i] = heading(cli->arena, members[i]);
	table = table_create(cli->arena, cells);
	for (int row = 0; row < found->count; row++) {
		for (int i = 0; members[i]; i++)
			cells[i] = rows_text(
				cli->arena,
				json_member(found->list[row], members[i]));
		table_add(table, cells);
	}
	table_print(table, false, cli->has_colours);
}

void rows_print(const struct cli *cli, const struct json_rows *found,
		const char *const members[])
{
	if (!cli_has(cli, OPTION_JSON))
		rows_print_table(cli, found, members);
	else
		for (int i = 0; i < found->count; i++)
			puts(json_print(cli->arena, found->list[i]));
	if (found->is_cut)
		cli_fail("only the newest %d are shown; --limit N shows more",
			 found->count);
}

void rows_print_one(const struct cli *cli, const struct json *row,
		    const char *const members[])
{
	rows_print_table(cli, &(struct json_rows){ .count = 1, .list = &row },
			 members);
}

struct table *rows_fields(const struct cli *cli, const struct json *entry)
{
	static const char *const columns[] = { "FIELD", "VALUE", NULL };
	struct table *table = table_create(cli->arena, columns);

	for (const struct json *m = json_first(entry); m; m = json_next(m)) {
		const char *text = rows_text(cli->arena, m);

		if (text)
			table_add(table,
				  (const char *const[]){ json_name(m), text });
	}
	return table;
}
