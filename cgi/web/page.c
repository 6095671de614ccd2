#include "cgi/web/page.h"

#include "cgi/web/http.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/html.h"

/* ---- the frame of a page ---- */

/* No script, no foreign resource, no frame.  The referrer stays for our own
 * forms: without it a browser would hide their origin. */
static void add_rules(struct exchange *x)
{
	http_add_head(x,
		      "Content-Security-Policy: "
		      "default-src 'none'; style-src 'self'; "
		      "form-action 'self'; base-uri 'none'; "
		      "frame-ancestors 'none'\r\n"
		      "Referrer-Policy: same-origin\r\n"
		      "X-Content-Type-Options: nosniff\r\n");
}

/* Dashboards of old put their header where they find its place. */
static void put_header(struct exchange *x, struct html *page)
{
	if (x->addon && x->addon->dialect->sso->has_header)
		html_markup(page, "<div id=\"heroku-header\"></div>\n");
}

struct html *page_begin(struct exchange *x, const char *title)
{
	struct html *page = html_create(x->arena);

	html_markup(page,
		    "<!DOCTYPE html>\n"
		    "<html lang=\"en\">\n"
		    "<head>\n"
		    "<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<link rel=\"stylesheet\" href=\"/dashboard.css\">\n"
		    "<title>");
	html_text(page, title);
	html_markup(page, "</title>\n</head>\n<body>\n");
	put_header(x, page);
	html_markup(page, "<main>\n<h1>");
	html_text(page, title);
	html_markup(page, "</h1>\n");
	return page;
}

void page_end(struct exchange *x, struct html *page)
{
	html_markup(page, "</main>\n</body>\n</html>\n");
	add_rules(x);
	x->type = "text/html; charset=utf-8";
	x->is_for_browser = true;
	x->answer = html_page(page);
}

/* ---- pages that say one thing ---- */

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
					"This sign-on is not valid, or no "
					"longer. Please open the add-on from "
					"your marketplace's dashboard again." },
		[OUTCOME_NOT_FOUND] = { "This add-on is not there",
					"It may have been removed. Please look "
					"at your marketplace's dashboard." },
		[OUTCOME_UNAUTHENTICATED] = { "You are not signed in",
					      "Please open the add-on from "
					      "your marketplace's dashboard." },
		[OUTCOME_UNAVAILABLE] = { "Not available right now",
					  "Please try again in a moment." },
	};
	const char *title = pages[outcome].title;
	const char *sentence =
		x->complaint ? x->complaint : pages[outcome].sentence;

	page_say(x, title ? title : "Something went wrong",
		 sentence ? sentence : "Please try again later.");
	return outcome;
}

/* ---- how they look ---- */

const char page_stylesheet[] =
	":root { color-scheme: light dark;"
	" --ink: #1b1f24; --quiet: #57606a; --paper: #fff; --line: #d0d7de;"
	" --raised: #f6f8fa; --link: #0a58ca; --button: #0a58ca;"
	" --on-button: #fff; }\n"
	"@media (prefers-color-scheme: dark) { :root {"
	" --ink: #e6edf3; --quiet: #9da7b3; --paper: #0f1318; --line: #3a424c;"
	" --raised: #191f26; --link: #79b8ff; --button: #79b8ff;"
	" --on-button: #0f1318; } }\n"
	"* { box-sizing: border-box; }\n"
	"body { margin: 0; color: var(--ink); background: var(--paper);"
	" font: 1rem/1.5 system-ui, sans-serif; }\n"
	"main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; "
	"}\n"
	"h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem;"
	" overflow-wrap: anywhere; }\n"
	"h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }\n"
	"a { color: var(--link); }\n"
	".quiet { color: var(--quiet); }\n"
	"dl { display: grid; grid-template-columns: minmax(7rem, max-content) "
	"1fr;"
	" gap: .35rem 1rem; margin: 0; padding: 1rem;"
	" border: 1px solid var(--line); border-radius: .5rem;"
	" background: var(--raised); }\n"
	"dt { color: var(--quiet); overflow-wrap: anywhere; }\n"
	"dd { margin: 0; overflow-wrap: anywhere; }\n"
	"code { font: .9rem/1.4 ui-monospace, monospace; overflow-wrap: "
	"anywhere; }\n"
	"ol { list-style: none; margin: 0; padding: 0; }\n"
	"li { padding: .6rem 0; border-bottom: 1px solid var(--line);"
	" overflow-wrap: anywhere; }\n"
	"time { display: block; color: var(--quiet); font-size: .9rem; }\n"
	"form { margin: 1rem 0 0; }\n"
	"label { display: block; margin: 0 0 .75rem; }\n"
	"button { font: inherit; font-weight: 600; padding: .5rem 1rem;"
	" min-height: 2.75rem; border: 0; border-radius: .5rem;"
	" color: var(--on-button); background: var(--button); cursor: pointer; "
	"}\n"
	":focus-visible { outline: 3px solid var(--link);"
	" outline-offset: 2px; }\n"
	"@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; }"
	" dd { margin-bottom: .6rem; } }\n";
