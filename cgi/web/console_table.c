/*
 * console_table.c - tables of the console's pages, and the links to their next
 * pages.
 */
#include "cgi/web/console_view.h"

#include <inttypes.h>
#include <string.h>

#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/text/html.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

void console_put_addon(struct console *c, struct html *page,
		       const struct json *row)
{
	html_text(page, console_text(c, row, "marketplace"));
	html_markup(page, "/");
	html_text(page, console_text(c, row, "addon"));
}

static void put_headings(struct html *page,
			 const struct console_column columns[])
{
	html_markup(page, "<thead><tr>");
	for (int i = 0; columns[i].heading; i++) {
		html_markup(page, "<th scope=\"col\"");
		html_attribute(page, "class", columns[i].style);
		html_markup(page, ">");
		html_text(page, columns[i].heading);
		html_markup(page, "</th>");
	}
	html_markup(page, "</tr></thead>\n");
}

static void put_column_cell(struct console *c, struct html *page,
			    const struct json *row,
			    const struct console_column *column)
{
	if (column->put)
		column->put(c, page, row);
	else
		console_put_value(c, page, column->member,
				  json_member(row, column->member));
}

/* On a narrow screen, each row is a block, and each cell has its heading. */
static void put_row(struct console *c, struct html *page,
		    const struct json *row,
		    const struct console_column columns[])
{
	html_markup(page, "<tr>");
	for (int i = 0; columns[i].heading; i++) {
		html_markup(page, "<td");
		html_attribute(page, "class", columns[i].style);
		html_attribute(page, "data-heading", columns[i].heading);
		html_markup(page, ">");
		put_column_cell(c, page, row, &columns[i]);
		html_markup(page, "</td>");
	}
	html_markup(page, "</tr>\n");
}

void console_put_table(struct console *c, struct html *page,
		       const struct json_rows *rows,
		       const struct console_column columns[],
		       const char *nothing)
{
	if (rows->count == 0) {
		html_markup(page, "<p class=\"quiet\">");
		html_text(page, nothing);
		html_markup(page, "</p>\n");
		return;
	}
	html_markup(page, "<table>\n");
	put_headings(page, columns);
	html_markup(page, "<tbody>\n");
	for (int i = 0; i < rows->count; i++)
		put_row(c, page, rows->list[i], columns);
	html_markup(page, "</tbody>\n</table>\n");
}

void console_put_pager(struct console *c, struct html *page,
		       const struct json_rows *rows, const char *path)
{
	struct arena *arena = c->x->arena;
	bool is_counted = rows->total <= JSON_ROWS_MOST;
	const struct json *last;

	if (!rows->is_cut)
		return;
	last = rows->list[rows->count - 1];
	html_markup(page, "<p class=\"pager\"><span class=\"quiet\">");
	html_text(page,
		  arena_printf(arena, "%d of %s%" PRId64 " are shown",
			       rows->count, is_counted ? "" : "more than ",
			       is_counted ? rows->total
					  : (int64_t)JSON_ROWS_MOST));
	html_markup(page, "</span> ");
	console_put_link(
		page,
		arena_join(arena, path, strchr(path, '?') ? "&" : "?", "after=",
			   percent_encode(arena, console_text(c, last, "id"))),
		"Next page");
	html_markup(page, "</p>\n");
}
