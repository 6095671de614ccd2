#include "lib/store/notification.h"

#include <stddef.h>

#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement notification_store_sql, notification_get_sql,
	notification_finish_sql;

enum outcome notification_store(struct db *db, struct arena *arena,
				const struct notification *notification)
{
	const char *const values[] = {
		notification->resource,
		notification->subject,
		db_number_value(arena, notification->created_at),
		notification->reported,
	};

	return db_run(db, arena, &notification_store_sql, values, NULL);
}

/* The columns of notification_get.sql, in their order. */
enum { GET_CREATED_AT, GET_REPORTED, GET_NUMBER, GET_HANDLED };

enum outcome notification_get(struct db *db, struct arena *arena,
			      const char *resource, const char *subject,
			      struct notification *notification, bool *found)
{
	const char *const values[] = { resource, subject };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &notification_get_sql, values, &rows);

	*found = outcome == OUTCOME_OK && db_count(rows) > 0;
	if (*found)
		*notification = (struct notification){
			.resource = resource,
			.subject = subject,
			.created_at = db_number(rows, 0, GET_CREATED_AT),
			.reported = db_text(rows, 0, GET_REPORTED),
			.number = db_number(rows, 0, GET_NUMBER),
			.is_handled = db_bool(rows, 0, GET_HANDLED),
		};
	return outcome;
}

enum outcome notification_finish(struct db *db, struct arena *arena,
				 const struct notification *notification,
				 bool *done)
{
	const char *const values[] = {
		notification->resource,
		notification->subject,
		db_number_value(arena, notification->created_at),
		db_number_value(arena, notification->number),
	};

	return db_change(db, arena, &notification_finish_sql, values, done);
}
