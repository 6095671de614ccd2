#include "lib/store/addon_list.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement addon_list_sql, addon_count_sql;

enum outcome addon_list(struct db *db, struct arena *arena,
			struct addon_list *list)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &addon_list_sql, NULL, &rows);

	*list = (struct addon_list){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	list->count = db_count(rows);
	list->names = arena_alloc(
		arena, ((size_t)list->count + 1) * sizeof *list->names);
	for (int i = 0; i < list->count; i++)
		list->names[i] = (struct addon_name){
			.marketplace = db_text(rows, i, 0),
			.addon = db_text(rows, i, 1),
		};
	return OUTCOME_OK;
}

/* The columns of addon_count.sql, in their order. */
enum { COUNT_LIVE, COUNT_INCOMPLETE, COUNT_JOBS, COUNT_OLDEST_JOB };

enum outcome addon_count(struct db *db, struct arena *arena,
			 const struct addon_name *name,
			 struct addon_counts *counts)
{
	const char *const values[] = { name->marketplace, name->addon };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &addon_count_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*counts = (struct addon_counts){
			.live = db_number(rows, 0, COUNT_LIVE),
			.incomplete = db_number(rows, 0, COUNT_INCOMPLETE),
			.jobs = db_number(rows, 0, COUNT_JOBS),
			.oldest_job = db_number(rows, 0, COUNT_OLDEST_JOB),
		};
	return outcome;
}
