#include "lib/store/unanswered.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement unanswered_sql, unanswered_count_sql;

enum outcome unanswered_find(struct db *db, struct arena *arena,
			     const struct unanswered_request *request,
			     int64_t delay, struct unanswered_effect *effect)
{
	const char *const values[] = {
		request->resource, request->request_id,
		request->event,    db_number_value(arena, delay),
		request->plan,
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &unanswered_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*effect = (struct unanswered_effect){
			.is_there = db_bool(rows, 0, 0),
			.oldest = db_number(rows, 0, 1),
			.next = db_number(rows, 0, 2),
		};
	return outcome;
}

enum outcome unanswered_count(struct db *db, struct arena *arena,
			      int64_t *count)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &unanswered_count_sql, NULL, &rows);

	if (outcome == OUTCOME_OK)
		*count = db_number(rows, 0, 0);
	return outcome;
}
