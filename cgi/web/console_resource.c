/*
 * console_resource.c - the console's pages about one resource.
 */
#include "cgi/web/console_resource.h"

#include <string.h>

#include "cgi/web/console_view.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon_index.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/provider/operator_view.h"
#include "lib/provider/provider.h"
#include "lib/text/html.h"
#include "lib/text/json.h"

enum { RECENT_JOBS = 10, RECENT_EVENTS = 10, ROWS_PER_PAGE = 100 };

/* ---- finding it ---- */

static enum outcome refuse_ambiguous(struct console *c,
				     const struct json_rows *found)
{
	struct html *page =
		console_begin(c, "More than one resource has this id");

	console_put_resources(c, page, found);
	page_end(c->x, page);
	return OUTCOME_NOT_FOUND;
}

enum outcome console_read_resource(struct console *c,
				   struct operator_resource *resource)
{
	const struct operator_target target = { .id = c->id,
						.prefers_ours = true };
	struct json_rows found;
	enum outcome outcome = operator_find_resource(c->x->provider->db,
						      &c->act, &target, &found);

	*resource = (struct operator_resource){ 0 };
	if (outcome == OUTCOME_INVALID)
		return refuse_ambiguous(c, &found);
	if (outcome == OUTCOME_OK)
		outcome = operator_read_resource(c->x->provider, &c->act,
						 found.list[0], resource);
	if (outcome == OUTCOME_NOT_FOUND)
		return console_refuse(c, outcome, "No such resource",
				      "No resource has this id.");
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	c->x->resource_id = console_text(c, resource->resource, "id");
	return OUTCOME_OK;
}

const char *console_resource_name(const struct console *c,
				  const struct json *resource)
{
	const char *name = console_text(c, resource, "name");

	return name && *name ? name : console_text(c, resource, "provider_id");
}

/* ---- the history ---- */

/* Add one member, which another one with a value of its own may replace. */
static void put_changed_member(struct console *c, struct html *page,
			       const struct json *old, const struct json *new)
{
	const char *name = json_name(new ? new : old);

	html_markup(page, "<li>");
	html_text(page, name);
	html_markup(page, " ");
	console_put_value(c, page, name, old);
	if (old && new)
		html_markup(page, " → ");
	console_put_value(c, page, name, new);
	html_markup(page, "</li>");
}

static void put_event_change(struct console *c, struct html *page,
			     const struct json *row)
{
	const struct json *before = json_member(row, "before");
	const struct json *after = json_member(row, "after");
	const struct json *m;

	html_markup(page, "<ul>");
	for (m = json_first(before); m; m = json_next(m))
		put_changed_member(c, page, m,
				   json_member(after, json_name(m)));
	for (m = json_first(after); m; m = json_next(m))
		if (!json_member(before, json_name(m)) && !json_is_null(m))
			put_changed_member(c, page, NULL, m);
	html_markup(page, "</ul>");
}

static void put_event_request(struct console *c, struct html *page,
			      const struct json *row)
{
	const char *id = console_text(c, row, "request_id");

	if (!id)
		return;
	html_markup(page, "<code>");
	html_text(page, id);
	html_markup(page, "</code>");
}

static const struct console_column event_columns[] = {
	{ "At", "short", "at", NULL },
	{ "Event", "word", "event", NULL },
	{ "Actor", "word", "actor", NULL },
	{ "Before and after", "", NULL, put_event_change },
	{ "Request ID", "", NULL, put_event_request },
	{ NULL, NULL, NULL, NULL },
};

/* ---- the page of a resource ---- */

/* In the heading, or in a section of their own. */
static const char *const skipped_fields[] = { "name", NULL };

/* An add-on without a valid home cannot be called. */
static bool has_home(const struct console *c, const struct json *resource)
{
	return addons_find(c->x->provider->addons,
			   console_text(c, resource, "marketplace"),
			   console_text(c, resource, "addon"));
}

static void put_home_warning(struct console *c, struct html *page,
			     const struct json *resource)
{
	html_markup(page,
		    "<p class=\"notice\">This host has no valid home for ");
	html_text(page, console_text(c, resource, "addon"));
	html_markup(page, " at ");
	html_text(page, console_text(c, resource, "marketplace"));
	html_markup(page,
		    ". Until it has, the resource cannot be changed. "
		    "<code>provisor addons list</code> shows the reason."
		    "</p>\n");
}

/* Add a section with the names of values, which only a command shows. */
static void put_names(struct html *page, const char *title,
		      const struct json *values)
{
	const struct json *value;

	if (values && json_count(values) == 0)
		return;
	html_markup(page, "<section>\n<h2>");
	html_text(page, title);
	html_markup(page, "</h2>\n");
	if (!values)
		html_markup(page,
			    "<p class=\"notice\">No key of this host opens "
			    "them. The log has the reason.</p>\n");
	html_markup(page, "<ul class=\"names\">\n");
	for (value = json_first(values); value; value = json_next(value)) {
		html_markup(page, "<li><code>");
		html_text(page, json_name(value));
		html_markup(page, "</code></li>\n");
	}
	html_markup(page, "</ul>\n</section>\n");
}

/* The values are not shown: support does not need them, and new credentials are
 * one form away. */
static void put_values(struct html *page,
		       const struct operator_resource *resource)
{
	put_names(page, "Config vars", resource->config);
	put_names(page, "Options", resource->options);
	html_markup(page,
		    "<p class=\"quiet\">Values are not shown here. "
		    "<code>provisor resources show ID --reveal</code> "
		    "shows them, and records who has seen them.</p>\n");
}

static void put_resource_jobs(struct console *c, struct html *page,
			      const char *id, const struct json_rows *jobs)
{
	html_markup(page, "<section>\n<h2>Unfinished jobs</h2>\n");
	console_put_table(c, page, jobs, console_job_columns,
			  "No job is under way.");
	html_markup(page, "<p class=\"pager\">");
	console_put_link(page, console_resource_path(c, id, "/jobs"),
			 "All its jobs");
	html_markup(page, "</p>\n</section>\n");
}

static void put_recent_history(struct console *c, struct html *page,
			       const char *id, const struct json_rows *events)
{
	html_markup(page, "<section class=\"wide\">\n<h2>History</h2>\n");
	console_put_table(c, page, events, event_columns, "It has no events.");
	if (events->is_cut) {
		html_markup(page, "<p class=\"pager\">");
		console_put_link(page, console_resource_path(c, id, "/history"),
				 "The whole history");
		html_markup(page, "</p>\n");
	}
	html_markup(page, "</section>\n");
}

static void put_resource(struct console *c, struct html *page,
			 const struct operator_resource *resource,
			 const struct json_rows *jobs)
{
	html_markup(page,
		    "<div class=\"columns\">\n<section>\n<h2>Resource</h2>\n");
	console_put_fields(c, page, resource->resource, skipped_fields);
	html_markup(page, "</section>\n<div>\n");
	put_values(page, resource);
	put_resource_jobs(c, page, c->x->resource_id, jobs);
	html_markup(page, "</div>\n</div>\n");
}

enum outcome console_resource(struct console *c)
{
	static const struct operator_page recent_jobs = { NULL, RECENT_JOBS };
	static const struct operator_page recent = { NULL, RECENT_EVENTS };
	struct operator_resource resource;
	struct json_rows jobs, events;
	struct html *page;
	enum outcome outcome = console_read_resource(c, &resource);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_list_jobs(c->x->provider, c->x->arena,
				     c->x->resource_id, OPERATOR_JOBS_OPEN,
				     &recent_jobs, &jobs);
	if (outcome == OUTCOME_OK)
		outcome = operator_list_events(c->x->provider, c->x->arena,
					       c->x->resource_id, &recent,
					       &events);
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	page = console_begin(c, console_resource_name(c, resource.resource));
	console_put_said(c, page, c->x->resource_id);
	if (has_home(c, resource.resource))
		console_put_resource_acts(c, page, resource.resource);
	else
		put_home_warning(c, page, resource.resource);
	put_resource(c, page, &resource, &jobs);
	put_recent_history(c, page, c->x->resource_id, &events);
	page_end(c->x, page);
	return OUTCOME_OK;
}

/* ---- the pages of its history and its jobs ---- */

struct resource_list {
	const char *title;
	const char *path; /* below that of the resource */
	enum outcome (*read)(struct console *c,
			     const struct operator_page *part,
			     struct json_rows *rows);
	const struct console_column *columns;
	const char *empty; /* the text of a page without rows */
};

static enum outcome read_events(struct console *c,
				const struct operator_page *part,
				struct json_rows *rows)
{
	return operator_list_events(c->x->provider, c->x->arena,
				    c->x->resource_id, part, rows);
}

static enum outcome read_jobs(struct console *c,
			      const struct operator_page *part,
			      struct json_rows *rows)
{
	return operator_list_jobs(c->x->provider, c->x->arena,
				  c->x->resource_id, OPERATOR_JOBS_ALL, part,
				  rows);
}

static void put_resource_list(struct console *c,
			      const struct resource_list *list,
			      const struct operator_resource *resource,
			      const struct json_rows *rows)
{
	const char *id = c->x->resource_id;
	struct html *page = console_begin(c, list->title);

	html_markup(page, "<p>");
	console_put_link(page, console_resource_path(c, id, NULL),
			 console_resource_name(c, resource->resource));
	html_markup(page, "</p>\n");
	console_put_table(c, page, rows, list->columns, list->empty);
	console_put_pager(c, page, rows,
			  console_resource_path(c, id, list->path));
	page_end(c->x, page);
}

static enum outcome show_resource_list(struct console *c,
				       const struct resource_list *list)
{
	struct operator_page part = { .limit = ROWS_PER_PAGE };
	struct operator_resource resource;
	struct json_rows rows;
	enum outcome outcome = console_read_after(c, &part.after);

	if (outcome == OUTCOME_OK)
		outcome = console_read_resource(c, &resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = list->read(c, &part, &rows);
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	put_resource_list(c, list, &resource, &rows);
	return OUTCOME_OK;
}

enum outcome console_history(struct console *c)
{
	static const struct resource_list events = {
		"History", "/history", read_events, event_columns,
		"There are no more events."
	};

	return show_resource_list(c, &events);
}

enum outcome console_resource_jobs(struct console *c)
{
	static const struct resource_list jobs = { "Jobs", "/jobs", read_jobs,
						   console_job_columns,
						   "There are no more jobs." };

	return show_resource_list(c, &jobs);
}
