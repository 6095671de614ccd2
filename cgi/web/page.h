/*
 * page.h - the frame that all HTML pages share.
 */
#ifndef CGI_WEB_PAGE_H
#define CGI_WEB_PAGE_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct exchange;
struct html;

/* Begin a page, up to and including the tag of its body. */
struct html *page_open(struct exchange *x, const char *title,
		       const char *style_path);

/* Begin a page, up to and including its heading, which is title. */
struct html *page_begin(struct exchange *x, const char *title);

/* Add a time such as "2016-03-03T18:01:31.123Z", to the minute. */
void page_put_time(struct exchange *x, struct html *page, const char *at);

/* End a page and make it the response. */
void page_end(struct exchange *x, struct html *page);

/* Respond with a page that has a heading and a sentence. */
void page_say(struct exchange *x, const char *title, const char *sentence);

/* If the browser accepts HTML, respond with a page to a request that no handler
 * has served. */
void page_replace_json(struct exchange *x, enum outcome outcome);

/* Respond with a page that explains outcome, which is a failure; return it.  If
 * x->message is set, it is the sentence of the page. */
MUST_CHECK enum outcome page_refuse(struct exchange *x, enum outcome outcome);

#endif
