/*
 * event_list.h - lists the history of all resources, for operators.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), and
 * OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_EVENT_LIST_H
#define LIB_STORE_EVENT_LIST_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

/* Selects events.  A member that is NULL or 0 is ignored. */
struct event_query {
	const char *marketplace, *addon;
	const char *resource; /* our id */
	const char *event;
	const char *actor;
	int64_t since;     /* the greatest age, in ms */
	const char *after; /* the number of the last event of the previous
			      page */
	int limit;         /* from 1 to JSON_ROWS_MOST */
};

/* List a page of the events of a query, newest first.  event_list.sql names the
 * members of each. */
MUST_CHECK enum outcome event_list(struct db *db, struct arena *arena,
				   const struct event_query *query,
				   struct json_rows *found);

#endif
