#include "lib/provider/event_feed.h"

#include <stddef.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/provider/provider.h"
#include "lib/store/event_feed.h"
#include "lib/text/json.h"

enum {
	MOST_NUMBERS = 100000,   /* that one statement reads */
	STATEMENTS_LIMIT = 5000, /* ms for the statements of a page */
	NUMBERS_PAUSE = 5,       /* ms between two looks at open transactions */
	NUMBERS_LIMIT = 2000,    /* ms until the page is given up */
	WAIT_PAUSE = 500         /* ms between two looks for an event */
};

static void pause_for(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000L };

	nanosleep(&pause, NULL);
}

/* Wait until every transaction is over that may have a number which was given
 * before this call.  *is_final is false if one takes too long. */
static enum outcome wait_for_numbers(struct provider *provider,
				     struct arena *arena, bool *is_final)
{
	int64_t limit = clock_now() + NUMBERS_LIMIT;
	const char *writers = NULL;
	enum outcome outcome =
		event_feed_writers(provider->db, arena, NULL, &writers);

	while (outcome == OUTCOME_OK && writers && clock_now() < limit) {
		pause_for(NUMBERS_PAUSE);
		outcome = event_feed_writers(provider->db, arena, writers,
					     &writers);
	}
	*is_final = !writers;
	return outcome;
}

/* Read the events between after and last, all of which are final. */
static enum outcome read_final(struct provider *provider, struct arena *arena,
			       const struct provider_feed_query *query,
			       int64_t last, struct provider_feed_page *page)
{
	const struct event_feed_query range = {
		.after = page->next,
		.last = last,
		.addon = query->addon,
		.limit = query->limit,
	};
	struct json_rows *events = &page->events;
	enum outcome outcome =
		event_feed_read(provider->db, arena, &range, events);

	if (outcome != OUTCOME_OK)
		return outcome;
	page->next = last;
	if (events->is_cut)
		page->next = json_integer(
			json_member(events->list[events->count - 1], "id"),
			range.after);
	return OUTCOME_OK;
}

/* Read what is there now, from page->next on.  *is_end is false if there is
 * more. */
static enum outcome read_now(struct provider *provider, struct arena *arena,
			     const struct provider_feed_query *query,
			     struct provider_feed_page *page, bool *is_end)
{
	int64_t given = 0, last;
	bool is_final = false;
	enum outcome outcome;

	provider_set_deadline(provider, clock_now() + STATEMENTS_LIMIT);
	*is_end = true;
	page->events = (struct json_rows){ 0 };
	outcome = event_feed_last(provider->db, arena, &given, &page->epoch);
	if (outcome != OUTCOME_OK || given <= page->next)
		return outcome;
	outcome = wait_for_numbers(provider, arena, &is_final);
	if (outcome != OUTCOME_OK || !is_final)
		return outcome;
	last = given - page->next > MOST_NUMBERS ? page->next + MOST_NUMBERS
						 : given;
	*is_end = last == given;
	return read_final(provider, arena, query, last, page);
}

enum outcome provider_read_feed(struct provider *provider, struct arena *arena,
				const struct provider_feed_query *query,
				struct provider_feed_page *page)
{
	bool is_end;
	enum outcome outcome;

	*page = (struct provider_feed_page){ .next = query->after };
	for (;;) {
		outcome = read_now(provider, arena, query, page, &is_end);
		if (outcome != OUTCOME_OK || page->events.count > 0
		    || clock_now() >= query->wait_until)
			return outcome;
		if (!query->may_wait(query->context))
			return outcome;
		if (is_end)
			pause_for(WAIT_PAUSE);
	}
}
