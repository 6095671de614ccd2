#include "lib/store/retention.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

enum { REMOVE_AT_ONCE = 1000 }; /* rows, in some hundredths of a second */

/* Embedded from the .sql files of the same names. */
extern const struct db_statement retention_remove_sql, retention_read_sql;

const char *const retention_subjects[RETENTION_SUBJECTS] = {
	[RETENTION_JOBS] = "jobs",
	[RETENTION_EVENTS] = "events",
	[RETENTION_EVENT_PEOPLE] = "event_people",
	[RETENTION_RESOURCES] = "resources",
	[RETENTION_USED_DIGESTS] = "used_digests",
	[RETENTION_NOTIFICATIONS] = "notifications",
};

enum outcome retention_remove(struct db *db, struct arena *arena,
			      enum retention_subject subject, int64_t keep,
			      bool *is_done)
{
	const char *const values[] = {
		retention_subjects[subject],
		db_number_value(arena, keep / 1000),
		db_number_value(arena, REMOVE_AT_ONCE),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &retention_remove_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*is_done = db_count(rows) == 0
			|| db_number(rows, 0, 0) < REMOVE_AT_ONCE;
	return outcome;
}

/* The columns of retention_read.sql, in their order. */
enum { READ_SUBJECT, READ_OLDEST, READ_DONE, READ_REMOVED };

enum outcome retention_read(struct db *db, struct arena *arena,
			    struct retention_state states[RETENTION_SUBJECTS])
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &retention_read_sql, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	memset(states, 0, RETENTION_SUBJECTS * sizeof *states);
	for (int i = 0; i < db_count(rows); i++)
		for (int subject = 0; subject < RETENTION_SUBJECTS; subject++)
			if (strcmp(db_text(rows, i, READ_SUBJECT),
				   retention_subjects[subject])
			    == 0)
				states[subject] = (struct retention_state){
					db_number(rows, i, READ_OLDEST),
					db_number(rows, i, READ_DONE),
					db_number(rows, i, READ_REMOVED),
				};
	return OUTCOME_OK;
}
