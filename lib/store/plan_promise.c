#include "lib/store/plan_promise.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement plan_promise_find_sql,
	plan_promise_withdraw_sql, plan_promise_find_broken_sql;

enum outcome plan_promise_find(struct db *db, struct arena *arena,
			       const char *resource,
			       struct plan_promise *promise)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &plan_promise_find_sql, &resource, &rows);

	*promise = (struct plan_promise){ 0 };
	if (outcome == OUTCOME_OK && db_count(rows) > 0)
		*promise = (struct plan_promise){
			.plan = db_text(rows, 0, 0),
			.since = db_text(rows, 0, 1),
		};
	return outcome;
}

enum outcome plan_promise_withdraw(struct db *db, struct arena *arena,
				   const char *resource,
				   const struct resource_actor *actor)
{
	const char *const values[] = { resource, actor->name,
				       actor->request_id };

	return db_run(db, arena, &plan_promise_withdraw_sql, values, NULL);
}

enum outcome plan_promise_find_broken(struct db *db, struct arena *arena,
				      struct plan_promises_broken *broken)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &plan_promise_find_broken_sql, NULL, &rows);

	*broken = (struct plan_promises_broken){ 0 };
	if (outcome == OUTCOME_OK)
		*broken = (struct plan_promises_broken){
			.count = db_number(rows, 0, 0),
			.example = db_text(rows, 0, 1),
		};
	return outcome;
}
