/*
 * console_find.c - the console's page that finds resources.
 */
#include <string.h>

#include "cgi/web/console_resource.h"
#include "cgi/web/console_view.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/provider/operator_view.h"
#include "lib/provider/provider.h"
#include "lib/text/html.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

enum { FOUND_PER_PAGE = 25 };

/* ---- the table ---- */

static void put_resource_link(struct console *c, struct html *page,
			      const struct json *row)
{
	console_put_link(
		page,
		console_resource_path(c, console_text(c, row, "id"), NULL),
		console_resource_name(c, row));
}

static void put_resource_id(struct console *c, struct html *page,
			    const struct json *row)
{
	html_markup(page, "<code>");
	html_text(page, console_text(c, row, "id"));
	html_markup(page, "</code>");
}

static const struct console_column resource_columns[] = {
	{ "Name", "word", NULL, put_resource_link },
	{ "Add-on", "word", NULL, console_put_addon },
	{ "Plan", "word", "plan", NULL },
	{ "State", "short", "state", NULL },
	{ "Created at", "short", "created_at", NULL },
	{ "ID", "", NULL, put_resource_id },
	{ NULL, NULL, NULL, NULL },
};

void console_put_resources(struct console *c, struct html *page,
			   const struct json_rows *found)
{
	console_put_table(c, page, found, resource_columns,
			  "No resource is found.");
}

/* ---- the states ---- */

/* Return the path that finds text in state; both may be NULL. */
static const char *find_path(struct arena *arena, const char *text,
			     const char *state)
{
	return arena_join(arena, "/console?state=", state ? state : "",
			  text ? "&q=" : NULL,
			  text ? percent_encode(arena, text) : NULL);
}

static void put_state_link(struct console *c, struct html *page,
			   const struct resource_list_query *query,
			   const char *state, const char *text)
{
	bool is_current = state && query->state
		? strcmp(state, query->state) == 0
		: state == query->state;

	html_markup(page, "<a");
	html_url(page, "href", find_path(c->x->arena, query->text, state));
	if (is_current)
		html_attribute(page, "aria-current", "true");
	html_markup(page, ">");
	html_text(page, text);
	html_markup(page, "</a>\n");
}

static void put_state_links(struct console *c, struct html *page,
			    const struct resource_list_query *query)
{
	html_markup(page, "<nav aria-label=\"State\">\n");
	put_state_link(c, page, query, NULL, "any state");
	for (int i = 0; i < RESOURCE_STATES; i++) {
		const char *name = operator_state_name(i);

		put_state_link(c, page, query, name, name);
	}
	html_markup(page, "</nav>\n");
}

/* ---- the page ---- */

enum outcome console_find(struct console *c)
{
	const struct resource_list_query query = {
		.text = console_query(c, "q"),
		.state = console_query(c, "state"),
		.after = console_query(c, "after"),
		.limit = FOUND_PER_PAGE,
	};
	struct json_rows found;
	struct html *page;
	enum outcome outcome = operator_list_resources(c->x->provider, &c->act,
						       &query, &found);

	if (outcome == OUTCOME_INVALID)
		return console_refuse(c, OUTCOME_NOT_FOUND,
				      "This page does not exist",
				      "The address names no state, or no id "
				      "of a resource, in \"state\" and "
				      "\"after\".");
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	page = console_begin(c, query.text ? "Found resources" : "Resources");
	put_state_links(c, page, &query);
	console_put_resources(c, page, &found);
	console_put_pager(c, page, &found,
			  find_path(c->x->arena, query.text, query.state));
	page_end(c->x, page);
	return OUTCOME_OK;
}
