/*
 * page.h - what all pages for people have in common.
 */
#ifndef CGI_WEB_PAGE_H
#define CGI_WEB_PAGE_H

#include "lib/base/outcome.h"

struct exchange;
struct html;

/* Begin a page: its head, and the body up to the heading, which is title. */
struct html *page_begin(struct exchange *x, const char *title);

/* The page is the answer. */
void page_end(struct exchange *x, struct html *page);

/* A page of a heading and a sentence is the answer. */
void page_say(struct exchange *x, const char *title, const char *sentence);

/* A page says that outcome, which is not OUTCOME_OK, is how it ended; returns
 * it.  x->complaint is its sentence, if there is one. */
enum outcome page_refuse(struct exchange *x, enum outcome outcome);

#endif
