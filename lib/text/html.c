#include "lib/text/html.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/url.h"

enum { FIRST_ROOM = 4096 }; /* bytes */

struct html {
	struct arena *arena;
	char *page; /* terminated */
	size_t length, room;
};

struct html *html_create(struct arena *arena)
{
	struct html *html = arena_alloc(arena, sizeof *html);

	html->arena = arena;
	html->room = FIRST_ROOM;
	html->page = arena_alloc(arena, html->room);
	return html;
}

static void put_bytes(struct html *html, const char *bytes, size_t length)
{
	if (length >= html->room - html->length) {
		char *larger;

		html->room = (html->room + length) * 2;
		larger = arena_alloc(html->arena, html->room);
		memcpy(larger, html->page, html->length);
		html->page = larger;
	}
	memcpy(html->page + html->length, bytes, length);
	html->length += length;
	html->page[html->length] = '\0';
}

void html_markup(struct html *html, const char *literal)
{
	put_bytes(html, literal, strlen(literal));
}

/* Text and quoted attributes need the same five escapes. */
void html_text(struct html *html, const char *text)
{
	while (text && *text) {
		size_t plain = strcspn(text, "&<>\"'");

		put_bytes(html, text, plain);
		text += plain;
		switch (*text) {
		case '&':
			html_markup(html, "&amp;");
			break;
		case '<':
			html_markup(html, "&lt;");
			break;
		case '>':
			html_markup(html, "&gt;");
			break;
		case '"':
			html_markup(html, "&quot;");
			break;
		case '\'':
			html_markup(html, "&#39;");
			break;
		default:
			return;
		}
		text++;
	}
}

void html_attribute(struct html *html, const char *name, const char *value)
{
	html_markup(html, " ");
	html_markup(html, name);
	html_markup(html, "=\"");
	html_text(html, value);
	html_markup(html, "\"");
}

void html_url(struct html *html, const char *name, const char *url)
{
	if (url_is_link(html->arena, url))
		html_attribute(html, name, url);
}

const char *html_page(const struct html *html)
{
	return html->page;
}
