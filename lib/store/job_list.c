#include "lib/store/job_list.h"

#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_list_sql, job_list_total_sql,
	job_list_count_sql, job_list_dead_rows_sql;

static const struct json_rows_list jobs = { &job_list_sql,
					    &job_list_total_sql };

enum outcome job_list(struct db *db, struct arena *arena,
		      const struct job_query *query, struct json_rows *found)
{
	const char *const values[] = {
		query->id,
		query->kind,
		query->resource,
		db_bool_value(query->has_given_up),
		db_bool_value(query->with_done),
		query->marketplace,
		query->addon,
	};

	return json_rows_read_page(db, arena, &jobs, values, query->after,
				   query->limit, found);
}

enum outcome job_list_show(struct db *db, struct arena *arena, const char *id,
			   const struct json **job)
{
	const struct job_query query = { .id = id,
					 .with_done = true,
					 .limit = 1 };
	struct json_rows found;
	enum outcome outcome = job_list(db, arena, &query, &found);

	if (outcome == OUTCOME_OK)
		*job = found.count > 0 ? found.list[0] : NULL;
	return outcome;
}

/* The columns of job_list_count.sql, in their order. */
enum { COUNT_UNFINISHED, COUNT_GIVEN_UP, COUNT_OVERDUE, COUNT_SINCE };

enum outcome job_list_count(struct db *db, struct arena *arena,
			    struct job_counts *counts)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_list_count_sql, NULL, &rows);

	if (outcome == OUTCOME_OK)
		*counts = (struct job_counts){
			.unfinished = (int)db_number(rows, 0, COUNT_UNFINISHED),
			.given_up = (int)db_number(rows, 0, COUNT_GIVEN_UP),
			.overdue = (int)db_number(rows, 0, COUNT_OVERDUE),
			.since = db_text(rows, 0, COUNT_SINCE),
		};
	return outcome;
}

enum outcome job_list_count_dead_rows(struct db *db, struct arena *arena,
				      int64_t *count)
{
	const char *value = db_number_value(arena, JOB_LIST_DEAD_ROWS);
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_list_dead_rows_sql, &value, &rows);

	*count = outcome == OUTCOME_OK ? db_number(rows, 0, 0) : 0;
	return outcome;
}
