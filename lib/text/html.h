/*
 * html.h - writing a page of HTML.
 *
 * Each context of a page has its verb, which escapes what it is given.  Only
 * html_markup() does not: it takes literals of ours and nothing else.
 */
#ifndef LIB_TEXT_HTML_H
#define LIB_TEXT_HTML_H

struct arena;
struct html;

/* An empty page; it lives in the arena. */
struct html *html_create(struct arena *arena);

/* Tags, and text of ours. */
void html_markup(struct html *html, const char *literal);

/* What stands between tags; NULL is nothing. */
void html_text(struct html *html, const char *text);

/* An attribute within a tag, with a blank ahead of it. */
void html_attribute(struct html *html, const char *name, const char *value);

/* The same for an attribute that is a URL.  It is left out when it is neither
 * one of https nor a path of this host: others could be code. */
void html_url(struct html *html, const char *name, const char *url);

/* All that was written; valid until more is. */
const char *html_page(const struct html *html);

#endif
