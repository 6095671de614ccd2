#include "lib/store/report.h"

#include "lib/db/db.h"
#include "lib/text/iso8601.h"

enum { DAY = 24 * 60 * 60 /* s */ };

/* Embedded from the .sql files of the same names. */
extern const struct db_statement report_lives_sql, report_events_sql;

static enum outcome run_report(struct db *db, struct arena *arena,
			       const struct db_statement *statement,
			       const struct report_query *query,
			       const struct report_days *days,
			       const char *lives, const struct db_rows **rows)
{
	const char *const values[] = {
		query->by,
		query->marketplace,
		query->addon,
		iso8601_write(arena, days->first * DAY),
		iso8601_write(arena, (days->last + 1) * DAY),
		lives,
	};

	return db_run(db, arena, statement, values, rows);
}

enum outcome report_count_lives(struct db *db, struct arena *arena,
				const struct report_query *query,
				const struct report_days *days,
				const char **lives)
{
	const struct db_rows *rows;
	enum outcome outcome = run_report(db, arena, &report_lives_sql, query,
					  days, NULL, &rows);

	if (outcome == OUTCOME_OK)
		*lives = db_text(rows, 0, 0);
	return outcome;
}

enum outcome report_count_events(struct db *db, struct arena *arena,
				 const struct report_query *query,
				 const struct report_days *days,
				 const char *lives, const struct db_rows **rows)
{
	return run_report(db, arena, &report_events_sql, query, days, lives,
			  rows);
}
