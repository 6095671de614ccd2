#include "unit.h"

#include "lib/text/html.h"

static struct text_row {
	const char *name;
	const char *text;
	const char *expected;
} texts[] = {
	{ "plain text is unchanged", "my app", "my app" },
	{ "an empty text stays empty", "", "" },
	{ "NULL is empty", NULL, "" },
	{ "a tag is escaped", "<script>alert(1)</script>",
	  "&lt;script&gt;alert(1)&lt;/script&gt;" },
	{ "a quote cannot end an attribute", "\" onload=\"x",
	  "&quot; onload=&quot;x" },
	{ "a single quote cannot end an attribute", "' onload='x",
	  "&#39; onload=&#39;x" },
	{ "an escape is escaped again", "&lt;", "&amp;lt;" },
	{ "a comment is escaped", "<!-- -->", "&lt;!-- --&gt;" },
	{ "non-ASCII bytes are unchanged", "\xc3\xbc", "\xc3\xbc" },
};

static void text_is_escaped(void **state)
{
	const struct text_row *row = *state;
	struct html *html = html_create(arena);

	html_text(html, row->text);
	assert_text(html_page(html), row->expected);
	html = html_create(arena);
	html_attribute(html, "value", row->text);
	assert_text(html_page(html),
		    arena_printf(arena, " value=\"%s\"", row->expected));
}

static struct url_row {
	const char *name;
	const char *url;
	const char *expected;
} urls[] = {
	{ "an https URL is linked", "https://a.example/?b=c&d=e",
	  " href=\"https://a.example/?b=c&amp;d=e\"" },
	{ "a path is linked", "/dashboard", " href=\"/dashboard\"" },
	{ "a javascript URL is not linked", "javascript:alert(1)", "" },
	{ "a javascript URL in upper case is not linked", "JavaScript:alert(1)",
	  "" },
	{ "a javascript URL after a blank is not linked",
	  " javascript:alert(1)", "" },
	{ "a data URL is not linked", "data:text/html,x", "" },
	{ "another host after two slashes is not linked", "//a.example", "" },
	{ "a URL with a quote is not linked", "https://a\"b", "" },
};

static void url_is_judged(void **state)
{
	const struct url_row *row = *state;
	struct html *html = html_create(arena);

	html_url(html, "href", row->url);
	assert_text(html_page(html), row->expected);
}

static void an_empty_page_is_empty(void)
{
	assert_text(html_page(html_create(arena)), "");
}

static void a_page_grows(void)
{
	struct html *html = html_create(arena);
	char *long_text = arena_alloc(arena, 100001);

	memset(long_text, 'x', 100000);
	for (int i = 0; i < 3; i++) {
		html_markup(html, "<p>");
		html_text(html, long_text);
	}
	assert_int_equal(strlen(html_page(html)), 300009);
	assert_int_equal(strspn(html_page(html) + 100006, "x"), 100000);
}

static struct unit_check checks[] = {
	{ "an empty page is empty", an_empty_page_is_empty },
	{ "a page grows", a_page_grows },
};

int main(void)
{
	UNIT_ROWS(texts, text_is_escaped);
	UNIT_ROWS(urls, url_is_judged);
	UNIT_CHECKS(checks);
	return unit_run("html");
}
