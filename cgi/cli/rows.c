#include "cgi/cli/rows.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/table.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

enum { USUAL_LIMIT = 100, MOST_MEMBERS = 15 };

int ctl_entries_fail(void)
{
	return ctl_fail("the database did not answer as it should; the log "
			"line above says why");
}

bool ctl_entries_read_limit(const struct ctl *ctl, int *limit)
{
	const char *text = ctl_option(ctl, "--limit");
	size_t digits = text ? strspn(text, "0123456789") : 0;

	*limit = USUAL_LIMIT;
	if (!text)
		return true;
	if (digits > 0 && digits <= 5 && !text[digits])
		*limit = atoi(text);
	else
		*limit = 0;
	if (*limit >= 1 && *limit <= ENTRIES_MOST)
		return true;
	ctl_fail("--limit must be a number from 1 to %d", ENTRIES_MOST);
	return false;
}

const char *ctl_entries_text(struct arena *arena, const struct json *value)
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

static void print_table(const struct ctl *ctl, const struct entries *found,
			const char *const members[])
{
	const char *cells[MOST_MEMBERS + 1] = { NULL };
	struct table *table;

	for (int i = 0; members[i]; i++)
		cells[i] = heading(ctl->arena, members[i]);
	table = table_create(ctl->arena, cells);
	for (int row = 0; row < found->count; row++) {
		for (int i = 0; members[i]; i++)
			cells[i] = ctl_entries_text(
				ctl->arena,
				json_member(found->list[row], members[i]));
		table_add(table, cells);
	}
	table_print(table, false, ctl->has_colours);
}

void ctl_entries_print(const struct ctl *ctl, const struct entries *found,
		       const char *const members[])
{
	if (!ctl_option(ctl, "--json"))
		print_table(ctl, found, members);
	else
		for (int i = 0; i < found->count; i++)
			puts(json_print(ctl->arena, found->list[i]));
}

void ctl_entries_print_row(const struct ctl *ctl, const struct json *entry,
			   const char *const members[])
{
	print_table(ctl, &(struct entries){ .count = 1, .list = &entry },
		    members);
}

void ctl_entries_warn_of_cut(const struct entries *found)
{
	if (found->is_cut)
		ctl_fail("only the newest %d are shown; --limit N shows more",
			 found->count);
}

struct table *ctl_entries_fields(const struct ctl *ctl,
				 const struct json *entry)
{
	static const char *const columns[] = { "FIELD", "VALUE", NULL };
	struct table *table = table_create(ctl->arena, columns);

	for (const struct json *m = json_first(entry); m; m = json_next(m)) {
		const char *text = ctl_entries_text(ctl->arena, m);

		if (text)
			table_add(table,
				  (const char *const[]){ json_name(m), text });
	}
	return table;
}
