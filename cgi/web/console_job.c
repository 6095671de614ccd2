/*
 * console_job.c - the console's pages about jobs.
 */
#include "cgi/web/console_job.h"

#include <string.h>

#include "cgi/web/console_view.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/provider/operator_view.h"
#include "lib/text/html.h"
#include "lib/text/json.h"

enum { JOBS_PER_PAGE = 50 };

/* ---- columns ---- */

static void put_job_link(struct console *c, struct html *page,
			 const struct json *row)
{
	const char *id = console_text(c, row, "id");

	console_put_link(page, console_job_path(c, id, NULL), id);
}

static void put_job_kind(struct console *c, struct html *page,
			 const struct json *row)
{
	const char *plan = console_text(c, row, "plan");

	html_text(page, console_text(c, row, "kind"));
	if (plan) {
		html_markup(page, " to ");
		html_text(page, plan);
	}
}

static void put_job_resource(struct console *c, struct html *page,
			     const struct json *row)
{
	const char *id = console_text(c, row, "resource");

	console_put_link(page, console_resource_path(c, id, NULL), id);
}

const struct console_column console_job_columns[] = {
	{ "Job", "short", NULL, put_job_link },
	{ "Kind", "word", NULL, put_job_kind },
	{ "State", "short", "state", NULL },
	{ "At", "short", "at", NULL },
	{ "Attempts", "short", "attempts", NULL },
	{ "Last error", "", "last_error", NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct console_column all_job_columns[] = {
	{ "Job", "short", NULL, put_job_link },
	{ "Kind", "word", NULL, put_job_kind },
	{ "State", "short", "state", NULL },
	{ "At", "short", "at", NULL },
	{ "Attempts", "short", "attempts", NULL },
	{ "Add-on", "word", NULL, console_put_addon },
	{ "Resource", "word", NULL, put_job_resource },
	{ "Last error", "", "last_error", NULL },
	{ NULL, NULL, NULL, NULL },
};

/* ---- all jobs ---- */

static void put_list_link(struct html *page, const char *path, const char *text,
			  bool is_current)
{
	html_markup(page, "<a");
	html_url(page, "href", path);
	if (is_current)
		html_attribute(page, "aria-current", "true");
	html_markup(page, ">");
	html_text(page, text);
	html_markup(page, "</a>\n");
}

/* Operators have to act on the jobs that gave up, so these come first. */
static void put_lists(struct html *page, bool with_all)
{
	html_markup(page, "<nav aria-label=\"Jobs\">\n");
	put_list_link(page, "/console/jobs", "gave-up or held", !with_all);
	put_list_link(page, "/console/jobs?unfinished=1", "all unfinished",
		      with_all);
	html_markup(page, "</nav>\n");
}

enum outcome console_jobs(struct console *c)
{
	bool with_all = console_query(c, "unfinished") != NULL;
	struct operator_page part = { .limit = JOBS_PER_PAGE };
	struct json_rows found;
	struct html *page;
	enum outcome outcome = console_read_after(c, &part.after);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_list_jobs(c->x->provider, c->x->arena, NULL,
				     with_all ? OPERATOR_JOBS_OPEN
					      : OPERATOR_JOBS_STUCK,
				     &part, &found);
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	page = console_begin(c, "Jobs");
	put_lists(page, with_all);
	console_put_table(c, page, &found, all_job_columns,
			  with_all ? "No job is under way."
				   : "No job waits for an operator.");
	console_put_pager(c, page, &found,
			  with_all ? "/console/jobs?unfinished=1"
				   : "/console/jobs");
	page_end(c->x, page);
	return OUTCOME_OK;
}

/* ---- one job ---- */

enum outcome console_read_job(struct console *c, const struct json **job)
{
	enum outcome outcome =
		operator_find_job(c->x->provider->db, &c->act, c->id, job);

	if (outcome == OUTCOME_NOT_FOUND)
		return console_refuse(c, outcome, "No such job",
				      "No job has this number.");
	if (outcome != OUTCOME_OK)
		return console_fail(c, outcome);
	c->x->resource_id = console_text(c, *job, "resource");
	return OUTCOME_OK;
}

const char *console_job_name(const struct console *c, const struct json *job)
{
	return arena_printf(c->x->arena, "Job %s: %s",
			    console_text(c, job, "id"),
			    console_text(c, job, "kind"));
}

static void put_meaning(struct html *page, const struct json *job)
{
	const struct job_kind_info *kind = operator_job_kind(job);

	if (!kind)
		return;
	html_markup(page, "<section>\n<h2>What it does</h2>\n<p>");
	html_text(page, kind->does);
	html_markup(page, "</p>\n<h2>If it is cancelled</h2>\n<p>");
	html_text(page, kind->cancelled);
	html_markup(page, "</p>\n</section>\n");
}

static const char *const job_skipped[] = { "id", "resource", NULL };

enum outcome console_job(struct console *c)
{
	const struct json *job;
	struct html *page;
	enum outcome outcome = console_read_job(c, &job);

	if (outcome != OUTCOME_OK)
		return outcome;
	page = console_begin(c, console_job_name(c, job));
	console_put_said(c, page, console_text(c, job, "id"));
	console_put_job_acts(c, page, job);
	html_markup(page, "<p>Resource ");
	put_job_resource(c, page, job);
	html_markup(page,
		    "</p>\n<div class=\"columns\">\n<section>\n"
		    "<h2>Job</h2>\n");
	console_put_fields(c, page, job, job_skipped);
	html_markup(page, "</section>\n");
	put_meaning(page, job);
	html_markup(page, "</div>\n");
	page_end(c->x, page);
	return OUTCOME_OK;
}
