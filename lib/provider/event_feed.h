/*
 * event_feed.h - the events of all resources, for a program that follows them.
 *
 * A follower that continues after the number of the last page misses no event
 * and sees none twice, in the order of their numbers.  A page ends before the
 * first number that a transaction could still commit.  Only transactions of
 * this database that write events delay the feed, by as long as they take.
 */
#ifndef LIB_PROVIDER_EVENT_FEED_H
#define LIB_PROVIDER_EVENT_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/json_rows.h"

struct arena;
struct provider;

struct provider_feed_query {
	int64_t after;      /* a number, 0 for all events */
	const char *addon;  /* NULL: of all add-ons */
	int limit;          /* from 1 to JSON_ROWS_MOST */
	int64_t wait_until; /* wait for an event until then (clock_now()) */
	/* Return false to end waiting.  It is called about twice a second. */
	bool (*may_wait)(void *context);
	void *context;
};

struct provider_feed_page {
	struct json_rows events;
	int64_t next; /* the page after this one continues after this number */
	const char *epoch; /* of the database; numbers of another epoch may name
			      other events (epoch.h) */
};

/*
 * Read a page.  No transaction is open while it waits.  The page may have no
 * event even if there are some, and then next is greater than after.
 *
 * OUTCOME_UNAVAILABLE  the database does not respond
 */
MUST_CHECK enum outcome provider_read_feed(struct provider *provider,
					   struct arena *arena,
					   const struct provider_feed_query *,
					   struct provider_feed_page *page);

#endif
