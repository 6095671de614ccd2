#include "lib/store/event_feed.h"

#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement event_feed_last_sql, event_feed_writers_sql,
	event_feed_sql;

/* The columns of event_feed_last.sql, in their order. */
enum { FEED_LAST, FEED_EPOCH };

enum outcome event_feed_last(struct db *db, struct arena *arena, int64_t *last,
			     const char **epoch)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &event_feed_last_sql, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*last = db_number(rows, 0, FEED_LAST);
	*epoch = db_text(rows, 0, FEED_EPOCH);
	return OUTCOME_OK;
}

enum outcome event_feed_writers(struct db *db, struct arena *arena,
				const char *among, const char **writers)
{
	const char *const values[] = { among };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &event_feed_writers_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*writers = db_text(rows, 0, 0);
	return outcome;
}

enum outcome event_feed_read(struct db *db, struct arena *arena,
			     const struct event_feed_query *query,
			     struct json_rows *events)
{
	const char *const values[] = {
		db_number_value(arena, query->after),
		db_number_value(arena, query->last),
		query->addon,
	};

	return json_rows_read(db, arena, &event_feed_sql, values, query->limit,
			      JSON_ROWS_AS_FOUND, events);
}
