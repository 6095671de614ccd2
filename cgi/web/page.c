#include "cgi/web/page.h"

#include <string.h>

#include "cgi/web/http.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/html.h"

/* ---- the frame ---- */

/*
 * Forbid scripts, resources of other sites and, except for the marketplace's,
 * their frames.  The Referrer-Policy is not no-referrer, because browsers would
 * then send our forms with a null Origin.
 */
static void add_page_headers(struct exchange *x)
{
	http_add_header(x,
			arena_join(x->arena,
				   "Content-Security-Policy: "
				   "default-src 'none'; style-src 'self'; "
				   "form-action 'self'; base-uri 'none'; "
				   "frame-ancestors ",
				   x->framed_by ? x->framed_by : "'none'",
				   "\r\n"
				   "Referrer-Policy: same-origin\r\n"
				   "X-Content-Type-Options: nosniff\r\n"));
}

/* A script of older marketplaces fills this element with their header. */
static void put_nav_header(struct exchange *x, struct html *page)
{
	if (x->addon && x->addon->dialect->sso->has_nav_header)
		html_markup(page, "<div id=\"heroku-header\"></div>\n");
}

struct html *page_open(struct exchange *x, const char *title,
		       const char *style_path)
{
	struct html *page = html_create(x->arena);

	html_markup(page,
		    "<!DOCTYPE html>\n"
		    "<html lang=\"en\">\n"
		    "<head>\n"
		    "<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<link rel=\"stylesheet\"");
	html_url(page, "href", style_path);
	html_markup(page, ">\n<title>");
	html_text(page, title);
	html_markup(page, "</title>\n</head>\n<body>\n");
	return page;
}

struct html *page_begin(struct exchange *x, const char *title)
{
	struct html *page = page_open(x, title, "/dashboard.css");

	put_nav_header(x, page);
	html_markup(page, "<main>\n<h1>");
	html_text(page, title);
	html_markup(page, "</h1>\n");
	return page;
}

void page_put_time(struct exchange *x, struct html *page, const char *at)
{
	html_markup(page, "<time");
	html_attribute(page, "datetime", at);
	html_markup(page, ">");
	if (strlen(at) > strlen("2016-03-03T18:01"))
		html_text(page,
			  arena_printf(x->arena, "%.10s %.5s UTC", at,
				       at + strlen("2016-03-03T")));
	html_markup(page, "</time>");
}

void page_end(struct exchange *x, struct html *page)
{
	html_markup(page, "</main>\n</body>\n</html>\n");
	add_page_headers(x);
	x->type = "text/html; charset=utf-8";
	x->is_for_browser = true;
	x->response = html_page(page);
}

/* ---- pages of one sentence ---- */

void page_say(struct exchange *x, const char *title, const char *sentence)
{
	struct html *page = page_begin(x, title);

	html_markup(page, "<p>");
	html_text(page, sentence);
	html_markup(page, "</p>\n");
	page_end(x, page);
}

enum outcome page_refuse(struct exchange *x, enum outcome outcome)
{
	static const struct {
		const char *title;
		const char *sentence;
	} pages[OUTCOME_COUNT] = {
		[OUTCOME_FORBIDDEN] = { "You could not be signed in",
					"This sign-on is not valid or has "
					"expired. Please open the add-on from "
					"your marketplace's dashboard again." },
		[OUTCOME_NOT_FOUND] = { "This add-on does not exist",
					"It may have been removed. Please look "
					"at your marketplace's dashboard." },
		[OUTCOME_WRONG_METHOD] = { "This page cannot be opened "
					   "directly",
					   "Please open the add-on from your "
					   "marketplace's dashboard." },
		[OUTCOME_UNAUTHENTICATED] = { "You are not signed in",
					      "Please open the add-on from "
					      "your marketplace's dashboard." },
		[OUTCOME_UNAVAILABLE] = { "Not available right now",
					  "Please try again in a moment." },
	};
	const char *title = pages[outcome].title;
	const char *sentence =
		x->message ? x->message : pages[outcome].sentence;

	page_say(x, title ? title : "Something went wrong",
		 sentence ? sentence : "Please try again later.");
	return outcome;
}

static bool accepts_html(const struct exchange *x)
{
	return x->accept && strcasestr(x->accept, "text/html");
}

void page_replace_json(struct exchange *x, enum outcome outcome)
{
	if (outcome == OUTCOME_OK || x->response || !accepts_html(x))
		return;
	if (outcome == OUTCOME_NOT_FOUND)
		page_say(x, "This page does not exist",
			 "Please open the add-on from your marketplace's "
			 "dashboard.");
	else
		(void)!page_refuse(x, outcome);
}
