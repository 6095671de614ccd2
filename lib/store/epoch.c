#include "lib/store/epoch.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/db/json_rows.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement epoch_notice_sql, epoch_get_sql,
	epoch_list_held_sql, epoch_list_unanswered_sql, epoch_release_sql,
	epoch_accept_sql, epoch_find_accepted_sql;

enum outcome epoch_notice(struct db *db, struct arena *arena)
{
	return db_run(db, arena, &epoch_notice_sql, NULL, NULL);
}

enum outcome epoch_get(struct db *db, struct arena *arena,
		       const struct json **epoch)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &epoch_get_sql, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*epoch = json_rows_object(rows, arena, 0);
	return *epoch ? OUTCOME_OK : OUTCOME_BROKEN;
}

enum outcome epoch_is_accepted(struct db *db, struct arena *arena,
			       bool *is_accepted)
{
	return db_change(db, arena, &epoch_find_accepted_sql, NULL,
			 is_accepted);
}

enum outcome epoch_list_held(struct db *db, struct arena *arena,
			     struct json_rows *found)
{
	return json_rows_read(db, arena, &epoch_list_held_sql, NULL,
			      JSON_ROWS_MOST, JSON_ROWS_AS_FOUND, found);
}

enum outcome epoch_list_unanswered(struct db *db, struct arena *arena,
				   struct json_rows *found)
{
	return json_rows_read(db, arena, &epoch_list_unanswered_sql, NULL,
			      JSON_ROWS_MOST, JSON_ROWS_AS_FOUND, found);
}

enum outcome epoch_release(struct db *db, struct arena *arena,
			   const struct epoch_release *release, int64_t *count)
{
	const char *const values[] = {
		release->marketplace,
		release->addon,
		db_bool_value(release->keeps),
		release->actor,
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &epoch_release_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*count = db_number(rows, 0, 0);
	return outcome;
}

enum outcome epoch_accept(struct db *db, struct arena *arena, const char *actor,
			  bool *done)
{
	return db_change(db, arena, &epoch_accept_sql, &actor, done);
}
