/*
 * console_view.h - the handlers of the console's pages, and the elements that
 * these pages share.
 */
#ifndef CGI_WEB_CONSOLE_VIEW_H
#define CGI_WEB_CONSOLE_VIEW_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/provider/operator.h"

struct exchange;
struct form;
struct html;
struct json;
struct json_rows;

/* A request of an operator, whom x->actor names. */
struct console {
	struct exchange *x;
	struct operator_act act;  /* in the operator's name */
	bool may_write;           /* pages offer acts */
	const struct form *query; /* of the URL */
	const char *id;           /* from the path, of a resource or job */
	const char *act_name;     /* from the path, such as "retry" */
};

/* ---- handlers ---- */

MUST_CHECK enum outcome console_find(struct console *c);
MUST_CHECK enum outcome console_resource(struct console *c);
MUST_CHECK enum outcome console_history(struct console *c);
MUST_CHECK enum outcome console_resource_jobs(struct console *c);
MUST_CHECK enum outcome console_jobs(struct console *c);
MUST_CHECK enum outcome console_job(struct console *c);

/* Ask the operator to confirm an act on a resource or a job, and say what it
 * would do; a POST carries it out. */
MUST_CHECK enum outcome console_resource_act(struct console *c);
MUST_CHECK enum outcome console_job_act(struct console *c);

/* ---- pages ---- */

/* Begin a page, up to and including its heading, which is title.  page_end()
 * ends it. */
struct html *console_begin(struct console *c, const char *title);

/* Respond with a page of a heading and a sentence; return outcome. */
MUST_CHECK enum outcome console_refuse(struct console *c, enum outcome outcome,
				       const char *title, const char *sentence);

/* The same for OUTCOME_UNAVAILABLE and other failures of the database. */
MUST_CHECK enum outcome console_fail(struct console *c, enum outcome outcome);

/* Redirect to the page at path, with a sentence about what was done to target,
 * the id of a resource or job. */
MUST_CHECK enum outcome console_redirect(struct console *c, const char *path,
					 const char *target, const char *said);

/* ---- parts of pages ---- */

/* Add the sentence of console_redirect(), if the page is of this target. */
void console_put_said(struct console *c, struct html *page, const char *target);

/* Add links to the acts that are possible in the state of a resource or a job:
 * none in a console that is read-only. */
void console_put_resource_acts(struct console *c, struct html *page,
			       const struct json *resource);
void console_put_job_acts(struct console *c, struct html *page,
			  const struct json *job);

/* Add a link to a path of the console. */
void console_put_link(struct html *page, const char *path, const char *text);

/* Add the state of a resource or job, with its colour. */
void console_put_state(struct html *page, const char *state);

/* Add a value: text, an object's members or, if the last word of the name is
 * at, until or since, a time. */
void console_put_value(struct console *c, struct html *page, const char *name,
		       const struct json *value);

/* Add a list of the members of an object that are not empty, except those named
 * in skipped, which ends with NULL. */
void console_put_fields(struct console *c, struct html *page,
			const struct json *object, const char *const skipped[]);

/* A column of a table.  The cell of a row has the value of a member, or what
 * put adds.  The style is a class of console.css: "short" for a cell that is
 * not wrapped, "word" for one that has room for a word, and "" for others. */
struct console_column {
	const char *heading;
	const char *style;
	const char *member; /* or NULL */
	void (*put)(struct console *c, struct html *page,
		    const struct json *row);
};

/* Add MARKETPLACE/ADDON, two members of the row. */
void console_put_addon(struct console *c, struct html *page,
		       const struct json *row);

/* Add a table; columns ends with a NULL heading.  Without rows, add the
 * sentence nothing instead. */
void console_put_table(struct console *c, struct html *page,
		       const struct json_rows *rows,
		       const struct console_column columns[],
		       const char *nothing);

/* If a page of a list is cut, add how many rows there are, and a link to the
 * next page, which is at path with the key of the last row in "after". */
void console_put_pager(struct console *c, struct html *page,
		       const struct json_rows *rows, const char *path);

/* ---- tables of several pages ---- */

extern const struct console_column console_job_columns[];

/* Add a table of the resources that resource_list() has found. */
void console_put_resources(struct console *c, struct html *page,
			   const struct json_rows *found);

/* ---- input ---- */

/* Return a value of the query without blanks around it, or NULL if it is absent
 * or empty. */
const char *console_query(const struct console *c, const char *name);

/* Set *after to the number in the query's "after", or to NULL if it is absent.
 * If it is not a number, respond with a page that says so. */
MUST_CHECK enum outcome console_read_after(struct console *c,
					   const char **after);

/* Return a member of an object as text, or NULL if it is absent or null. */
const char *console_text(const struct console *c, const struct json *object,
			 const char *name);

/* Return "/console/resources/ID" for a resource, or the same for a job,
 * followed by rest, such as "/history". */
const char *console_resource_path(const struct console *c, const char *id,
				  const char *rest);
const char *console_job_path(const struct console *c, const char *id,
			     const char *rest);

#endif
