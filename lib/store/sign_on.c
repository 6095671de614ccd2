#include "lib/store/sign_on.h"

#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement sign_on_find_sql, sign_on_begin_sql,
	sign_on_refuse_sql, sign_on_use_tokens_sql, sign_on_end_all_sql;

enum outcome sign_on_find(struct db *db, struct arena *arena,
			  const struct sign_on_session *session,
			  struct sign_on_resource *resource, bool *found)
{
	const char *const values[] = {
		session->resource,
		session->marketplace,
		session->addon,
		arena_printf(arena, "%" PRId64, session->issued_at),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &sign_on_find_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found)
		*resource = (struct sign_on_resource){
			.id = db_text(rows, 0, 0),
			.provider_id = db_text(rows, 0, 1),
			.name = db_text(rows, 0, 2),
			.plan = db_text(rows, 0, 3),
			.region = db_text(rows, 0, 4),
			.state = db_text(rows, 0, 5),
			.created_at = db_text(rows, 0, 6),
			.provisioned_at = db_text(rows, 0, 7),
			.updated_at = db_text(rows, 0, 8),
			.config = db_text(rows, 0, 9),
		};
	return OUTCOME_OK;
}

enum { EVENT_PARAMS = 7 };

static enum outcome tell(struct db *db, struct arena *arena,
			 const struct db_statement *statement,
			 const struct sign_on_event *event,
			 const struct db_rows **rows)
{
	const char *const values[EVENT_PARAMS] = {
		event->resource, event->actor,   event->request_id, event->user,
		event->email,    event->address, event->reason,
	};

	return db_run(db, arena, statement, values, rows);
}

enum outcome sign_on_begin(struct db *db, struct arena *arena,
			   const struct sign_on_event *event,
			   int64_t *issued_at)
{
	const struct db_rows *rows;
	enum outcome outcome =
		tell(db, arena, &sign_on_begin_sql, event, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (db_count(rows) == 0)
		return OUTCOME_NOT_FOUND;
	*issued_at = db_number(rows, 0, 0);
	return OUTCOME_OK;
}

enum outcome sign_on_refuse(struct db *db, struct arena *arena,
			    const struct sign_on_event *event)
{
	return tell(db, arena, &sign_on_refuse_sql, event, NULL);
}

enum outcome sign_on_use_tokens(struct db *db, struct arena *arena,
				const char *const digests[],
				const char *request_id, int64_t good_until,
				bool *is_first)
{
	const char *list = "";
	const struct db_rows *rows;
	enum outcome outcome;

	for (int i = 0; digests[i]; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? " " : "",
				    digests[i]);
	outcome = db_run(
		db, arena, &sign_on_use_tokens_sql,
		(const char *const[]){
			list,
			request_id,
			arena_printf(arena, "%" PRId64, good_until / 1000),
		},
		&rows);
	if (outcome == OUTCOME_OK)
		*is_first = db_bool(rows, 0, 0);
	return outcome;
}

enum outcome sign_on_end_all(struct db *db, struct arena *arena,
			     const struct sign_on_event *event)
{
	return tell(db, arena, &sign_on_end_all_sql, event, NULL);
}
