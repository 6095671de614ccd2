/*
 * html.h - writes a page of HTML.
 *
 * Each context of a page has its own function, which escapes its argument.
 * html_markup() does not escape: pass it string literals only.
 */
#ifndef LIB_TEXT_HTML_H
#define LIB_TEXT_HTML_H

#include "lib/base/base.h"

struct arena;
struct html;

/* Return an empty page that belongs to the arena. */
MUST_CHECK struct html *html_create(struct arena *arena);

/* Add a string literal with markup, unescaped. */
void html_markup(struct html *html, const char *literal);

/* Add text between tags.  NULL adds nothing. */
void html_text(struct html *html, const char *text);

/* Add an attribute to a tag, with a blank before it. */
void html_attribute(struct html *html, const char *name, const char *value);

/* Add an attribute whose value is a URL.  A value that is neither an https URL
 * nor a path of this host is left out: it could be a script. */
void html_url(struct html *html, const char *name, const char *url);

/* Return the page; the text is valid until the next addition. */
const char *html_page(const struct html *html);

#endif
