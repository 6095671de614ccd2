#include "cgi/web/console_view.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/auth/form_token.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/provider/operator_view.h"
#include "lib/provider/provider.h"
#include "lib/text/form.h"
#include "lib/text/html.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/percent.h"

/* ---- pages ---- */

static void put_search(struct console *c, struct html *page)
{
	const char *text = c->query ? console_query(c, "q") : NULL;

	html_markup(page,
		    "<form role=\"search\" action=\"/console\">\n"
		    "<label for=\"q\">Find</label>\n"
		    "<input id=\"q\" name=\"q\" type=\"search\" "
		    "autocomplete=\"off\" spellcheck=\"false\" "
		    "aria-describedby=\"searched\"");
	if (text)
		html_attribute(page, "value", text);
	html_markup(page,
		    ">\n<button>Find</button>\n"
		    "<p id=\"searched\" class=\"quiet\">An id or its "
		    "beginning, a name, an owner, a log drain token</p>\n"
		    "</form>\n");
}

static void put_bar(struct console *c, struct html *page)
{
	html_markup(page,
		    "<header>\n"
		    "<nav aria-label=\"Console\">\n"
		    "<a href=\"/console\">Resources</a>\n"
		    "<a href=\"/console/jobs\">Jobs</a>\n"
		    "</nav>\n");
	put_search(c, page);
	html_markup(page, "<p class=\"quiet\">");
	html_text(page, c->x->operator);
	if (!c->may_write)
		html_markup(page, ", read-only");
	html_markup(page, "</p>\n</header>\n");
}

struct html *console_begin(struct console *c, const char *title)
{
	struct html *page = page_open(c->x, title, "/console.css");

	if (c->x->actor)
		put_bar(c, page);
	html_markup(page, "<main>\n<h1>");
	html_text(page, title);
	html_markup(page, "</h1>\n");
	return page;
}

enum outcome console_refuse(struct console *c, enum outcome outcome,
			    const char *title, const char *sentence)
{
	struct html *page = console_begin(c, title);

	html_markup(page, "<p>");
	html_text(page, sentence);
	html_markup(page, "</p>\n");
	page_end(c->x, page);
	return outcome;
}

enum outcome console_fail(struct console *c, enum outcome outcome)
{
	return console_refuse(c, outcome, "Not available right now",
			      "The database does not respond, or has failed. "
			      "The log has the reason. Please try again in a "
			      "moment.");
}

/* ---- what was done ---- */

enum { SAID_FOR = 5 * 60 * 1000 /* ms: how long a page may be reloaded */ };

/* Only this host can create the sentence, so a link of another site cannot tell
 * an operator that something was done. */
static struct form_token said_token(const struct console *c, const char *target)
{
	return (struct form_token){
		.actor = c->x->actor,
		.act = "said",
		.target = target,
	};
}

enum outcome console_redirect(struct console *c, const char *path,
			      const char *target, const char *said)
{
	const struct form_token token = said_token(c, target);
	struct arena *arena = c->x->arena;
	const char *sealed =
		form_token_seal(c->x->provider->keys, arena, &token,
				clock_wall() + SAID_FOR, said);

	http_add_header(c->x,
			arena_join(arena, "Location: ", path, "?said=", sealed,
				   "\r\n"));
	c->x->status = 303;
	return console_refuse(c, OUTCOME_OK, "Done", said);
}

void console_put_said(struct console *c, struct html *page, const char *target)
{
	const struct form_token token = said_token(c, target);
	const char *said =
		form_token_open(c->x->provider->keys, c->x->arena, &token,
				clock_wall(), form_value(c->query, "said"));

	if (!said)
		return;
	html_markup(page, "<p class=\"notice done\" role=\"status\">");
	html_text(page, said);
	html_markup(page, "</p>\n");
}

/* ---- values ---- */

void console_put_link(struct html *page, const char *path, const char *text)
{
	html_markup(page, "<a");
	html_url(page, "href", path);
	html_markup(page, ">");
	html_text(page, text);
	html_markup(page, "</a>");
}

/* A state that is not in the table has no colour. */
void console_put_state(struct html *page, const char *state)
{
	static const struct {
		const char *state;
		const char *colour;
	} colours[] = {
		{ "provisioned", "good" },  { "done", "good" },
		{ "provisioning", "busy" }, { "deprovisioning", "busy" },
		{ "due", "busy" },          { "running", "busy" },
		{ "waiting", "busy" },      { "blocked", "busy" },
		{ "suspended", "stopped" }, { "kept", "stopped" },
		{ "held", "stopped" },      { "gave-up", "bad" },
		{ "refused", "bad" },       { "abandoned", "bad" },
		{ "moved", "stopped" },     { "deprovisioned", "gone" },
	};
	const char *colour = "gone";

	for (size_t i = 0; state && i < COUNT(colours); i++)
		if (strcmp(colours[i].state, state) == 0)
			colour = colours[i].colour;
	html_markup(page, "<span");
	html_attribute(page, "class", colour);
	html_markup(page, ">");
	html_text(page, state);
	html_markup(page, "</span>");
}

const char *console_text(const struct console *c, const struct json *object,
			 const char *name)
{
	const struct json *value = json_member(object, name);

	if (!value || json_is_null(value))
		return NULL;
	return json_text(value) ? json_text(value)
				: json_print(c->x->arena, value);
}

/* As "created_at", "kept_until" and "changing_since" are. */
static bool is_time(const char *name)
{
	static const char *const last_words[] = { "at", "until", "since" };
	const char *under = strrchr(name, '_');
	const char *last = under ? under + 1 : name;

	for (size_t i = 0; i < COUNT(last_words); i++)
		if (strcmp(last, last_words[i]) == 0)
			return true;
	return false;
}

static void put_members(struct console *c, struct html *page,
			const struct json *object)
{
	const struct json *m;

	html_markup(page, "<ul>");
	for (m = json_first(object); m; m = json_next(m)) {
		html_markup(page, "<li>");
		html_text(page, json_name(m));
		html_markup(page, ": ");
		html_text(page, console_text(c, object, json_name(m)));
		html_markup(page, "</li>");
	}
	html_markup(page, "</ul>");
}

void console_put_value(struct console *c, struct html *page, const char *name,
		       const struct json *value)
{
	const char *text = json_text(value);

	if (text && is_time(name))
		page_put_time(c->x, page, text);
	else if (text && strcmp(name, "state") == 0)
		console_put_state(page, text);
	else if (json_is_object(value) && json_count(value) > 0)
		put_members(c, page, value);
	else if (value && !json_is_null(value))
		html_text(page, text ? text : json_print(c->x->arena, value));
}

/* ---- fields ---- */

static bool is_skipped(const char *name, const char *const skipped[])
{
	for (int i = 0; skipped[i]; i++)
		if (strcmp(skipped[i], name) == 0)
			return true;
	return false;
}

static bool is_empty(const struct json *value)
{
	return json_is_null(value)
		|| (json_is_object(value) && json_count(value) == 0);
}

/* Write "created_at" as "created at", the words of the command line. */
static void put_name(struct console *c, struct html *page, const char *name)
{
	char *words = arena_strdup(c->x->arena, name);

	for (char *under = words; (under = strchr(under, '_')); under++)
		*under = ' ';
	html_text(page, words);
}

void console_put_fields(struct console *c, struct html *page,
			const struct json *object, const char *const skipped[])
{
	const struct json *m;

	html_markup(page, "<dl>\n");
	for (m = json_first(object); m; m = json_next(m)) {
		if (is_empty(m) || is_skipped(json_name(m), skipped))
			continue;
		html_markup(page, "<dt>");
		put_name(c, page, json_name(m));
		html_markup(page, "</dt><dd>");
		console_put_value(c, page, json_name(m), m);
		html_markup(page, "</dd>\n");
	}
	html_markup(page, "</dl>\n");
}

/* ---- input ---- */

const char *console_query(const struct console *c, const char *name)
{
	static const char blanks[] = " \t\r\n";
	const char *value = form_value(c->query, name);
	size_t length;

	if (!value)
		return NULL;
	value += strspn(value, blanks);
	length = strlen(value);
	while (length > 0 && strchr(blanks, value[length - 1]))
		length--;
	return length > 0 ? arena_strndup(c->x->arena, value, length) : NULL;
}

enum outcome console_read_after(struct console *c, const char **after)
{
	int64_t number;

	*after = console_query(c, "after");
	if (!*after || number_read(*after, 0, INT64_MAX, &number))
		return OUTCOME_OK;
	return console_refuse(c, OUTCOME_NOT_FOUND, "This page does not exist",
			      "\"after\" in the address is not a number.");
}

const char *console_resource_path(const struct console *c, const char *id,
				  const char *rest)
{
	struct arena *arena = c->x->arena;

	return arena_join(arena, "/console/resources/",
			  percent_encode(arena, id), rest);
}

const char *console_job_path(const struct console *c, const char *id,
			     const char *rest)
{
	struct arena *arena = c->x->arena;

	return arena_join(arena, "/console/jobs/", percent_encode(arena, id),
			  rest);
}
