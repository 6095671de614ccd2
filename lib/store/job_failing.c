#include "lib/store/job_failing.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement job_failing_sql;

/* The columns of job_failing.sql, in their order. */
enum {
	FAILING_MARKETPLACE,
	FAILING_ADDON,
	FAILING_KIND,
	FAILING_LANE,
	FAILING_COUNT,
	FAILING_ATTEMPTS,
	FAILING_AGE,
	FAILING_SINCE
};

static struct job_failing read_failing(const struct db_rows *rows, int i)
{
	return (struct job_failing){
		.marketplace = db_text(rows, i, FAILING_MARKETPLACE),
		.addon = db_text(rows, i, FAILING_ADDON),
		.kind = db_text(rows, i, FAILING_KIND),
		.calls_marketplace =
			strcmp(db_text(rows, i, FAILING_LANE), "marketplace")
			== 0,
		.count = db_number(rows, i, FAILING_COUNT),
		.attempts = db_number(rows, i, FAILING_ATTEMPTS),
		.age = db_number(rows, i, FAILING_AGE),
		.since = db_text(rows, i, FAILING_SINCE),
	};
}

enum outcome job_failing_find(struct db *db, struct arena *arena,
			      struct job_failing_list *list)
{
	const char *const values[] = {
		db_number_value(arena, JOB_FAILING_ATTEMPTS),
		db_number_value(arena, JOB_FAILING_AGE),
		db_number_value(arena, JOB_FAILING_MOST),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_failing_sql, values, &rows);

	*list = (struct job_failing_list){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	list->count = db_count(rows);
	list->jobs =
		arena_alloc(arena, (size_t)list->count * sizeof *list->jobs);
	for (int i = 0; i < list->count; i++)
		list->jobs[i] = read_failing(rows, i);
	return OUTCOME_OK;
}
