#include "lib/store/job_operator.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_operator_retry_sql,
	job_operator_cancel_sql;

enum outcome job_operator_retry(struct db *db, struct arena *arena,
				const char *id,
				const struct resource_actor *actor, bool *done)
{
	const char *const values[] = { id, actor->name, actor->request_id };

	return db_change(db, arena, &job_operator_retry_sql, values, done);
}

enum outcome job_operator_cancel(struct db *db, struct arena *arena,
				 const char *id,
				 const struct resource_actor *actor, bool *done,
				 const char **state)
{
	const char *const values[] = { id, actor->name, actor->request_id };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_operator_cancel_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*done = db_count(rows) > 0;
	if (*done)
		*state = db_text(rows, 0, 0);
	return OUTCOME_OK;
}
