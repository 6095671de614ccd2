/*
 * event_feed.h - reads the events of all resources in the order of their
 * numbers.
 *
 * A transaction gives its event a number when it writes it, and commits later:
 * an event with a lower number can become visible after one with a higher
 * number.  provider/event_feed.h reads numbers only once all lower ones are
 * final; these functions find that out.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), and
 * OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_EVENT_FEED_H
#define LIB_STORE_EVENT_FEED_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

/* Read the highest number given so far, and the epoch of the database
 * (epoch.h). */
MUST_CHECK enum outcome event_feed_last(struct db *db, struct arena *arena,
					int64_t *last, const char **epoch);

/* List the open transactions that may have written events.  Unless among is
 * NULL, list only those of among, an earlier result of this function.  *writers
 * is NULL if there is none. */
MUST_CHECK enum outcome event_feed_writers(struct db *db, struct arena *arena,
					   const char *among,
					   const char **writers);

struct event_feed_query {
	int64_t after;     /* a number; the first event has a higher one */
	int64_t last;      /* the last event has at most this number */
	const char *addon; /* NULL: of all add-ons */
	int limit;         /* from 1 to JSON_ROWS_MOST */
};

MUST_CHECK enum outcome event_feed_read(struct db *db, struct arena *arena,
					const struct event_feed_query *query,
					struct json_rows *events);

#endif
