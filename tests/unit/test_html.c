#include "unit.h"

#include "lib/text/html.h"

static struct text_row {
	const char *name;
	const char *text;
	const char *expected;
} texts[] = {
	{ "plain text stays", "my app", "my app" },
	{ "nothing is nothing", "", "" },
	{ "NULL is nothing", NULL, "" },
	{ "a tag is text", "<script>alert(1)</script>",
	  "&lt;script&gt;alert(1)&lt;/script&gt;" },
	{ "a quote cannot end an attribute", "\" onload=\"x",
	  "&quot; onload=&quot;x" },
	{ "nor can a single one", "' onload='x", "&#39; onload=&#39;x" },
	{ "what looks escaped is text", "&lt;", "&amp;lt;" },
	{ "a comment is text", "<!-- -->", "&lt;!-- --&gt;" },
	{ "bytes beyond ASCII stay", "\xc3\xbc", "\xc3\xbc" },
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
	{ "https is linked to", "https://a.example/?b=c&d=e",
	  " href=\"https://a.example/?b=c&amp;d=e\"" },
	{ "a path is linked to", "/dashboard", " href=\"/dashboard\"" },
	{ "code is not", "javascript:alert(1)", "" },
	{ "code in capitals is not", "JavaScript:alert(1)", "" },
	{ "code behind a blank is not", " javascript:alert(1)", "" },
	{ "data is not", "data:text/html,x", "" },
	{ "another host by two slashes is not", "//a.example", "" },
	{ "what would end the attribute is not", "https://a\"b", "" },
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
