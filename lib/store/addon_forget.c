#include "lib/store/addon_forget.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"

enum {
	FORGET_AT_ONCE = 500
}; /* resources, within the statement's time limit */

/* Embedded from the .sql files of the same names. */
extern const struct db_statement addon_forget_sql, addon_forget_count_sql;

enum outcome addon_forget_count(struct db *db, struct arena *arena,
				const char *addon, const char *marketplace,
				struct addon_remains **remains, int *count)
{
	const char *const values[] = { addon, marketplace };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &addon_forget_count_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*count = db_count(rows);
	*remains = arena_alloc(arena, ((size_t)*count + 1) * sizeof **remains);
	for (int i = 0; i < *count; i++)
		(*remains)[i] = (struct addon_remains){
			.marketplace = db_text(rows, i, 0),
			.resources = db_number(rows, i, 1),
			.live = db_number(rows, i, 2),
			.incomplete = db_number(rows, i, 3),
			.jobs = db_number(rows, i, 4),
			.running = db_number(rows, i, 5),
		};
	return OUTCOME_OK;
}

enum outcome addon_forget(struct db *db, struct arena *arena, const char *addon,
			  const char *marketplace, const char *actor,
			  bool frees_key, int64_t *forgotten)
{
	const char *const values[] = {
		addon,
		marketplace,
		actor,
		db_bool_value(frees_key),
		db_number_value(arena, FORGET_AT_ONCE),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &addon_forget_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*forgotten = db_number(rows, 0, 0);
	return outcome;
}
