#include "cgi/cli/rows.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/table.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum { USUAL_LIMIT = 100, MOST_MEMBERS = 15 };

int rows_fail(void)
{
	return cli_fail("the database did not answer as it should; the log "
			"line above says why");
}

bool rows_read_limit(const struct cli *cli, int *limit)
{
	const char *text = cli_option(cli, "--limit");

	*limit = USUAL_LIMIT;
	if (!text || number_read_int(text, 1, JSON_ROWS_MOST, limit))
		return true;
	cli_fail("--limit must be a number from 1 to %d", JSON_ROWS_MOST);
	return false;
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

static void print_table(const struct cli *cli, const struct json_rows *found,
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
	if (!cli_option(cli, "--json"))
		print_table(cli, found, members);
	else
		for (int i = 0; i < found->count; i++)
			puts(json_print(cli->arena, found->list[i]));
}

void rows_print_row(const struct cli *cli, const struct json *entry,
		    const char *const members[])
{
	print_table(cli, &(struct json_rows){ .count = 1, .list = &entry },
		    members);
}

void rows_warn_of_cut(const struct json_rows *found)
{
	if (found->is_cut)
		cli_fail("only the newest %d are shown; --limit N shows more",
			 found->count);
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
