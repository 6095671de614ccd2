/*
 * report.h - counts what happened on each day: the figures of the business.
 *
 * Days begin and end at midnight in UTC, and are numbers of days since 1970.
 * provisor(1) defines the figures.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_REPORT_H
#define LIB_STORE_REPORT_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct db_rows;

/* Selects resources; a member that is NULL is ignored. */
struct report_query {
	const char *marketplace, *addon;
	/* The column whose values have figures of their own: addon,
	 * marketplace, plan or region. */
	const char *by;
};

struct report_days {
	int64_t first, last; /* both included */
};

/* Count the resources that are live, new and gone on each day.  *lives is for
 * report_count_events().  This reads all resources; by plan, it also reads all
 * events since the first day. */
MUST_CHECK enum outcome report_count_lives(struct db *db, struct arena *arena,
					   const struct report_query *query,
					   const struct report_days *days,
					   const char **lives);

/* Count the events of some of the days of lives, and return all figures: rows
 * for json_rows_object(), whose members report_events.sql names. */
MUST_CHECK enum outcome report_count_events(struct db *db, struct arena *arena,
					    const struct report_query *query,
					    const struct report_days *days,
					    const char *lives,
					    const struct db_rows **rows);

#endif
