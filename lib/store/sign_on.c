#include "lib/store/sign_on.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement sign_on_find_sql, sign_on_begin_sql,
	sign_on_begin_at_once_sql, sign_on_refuse_sql, sign_on_use_tokens_sql,
	sign_on_reveal_sql, sign_on_is_revealed_sql, sign_on_end_sql,
	sign_on_end_all_sql;

/* The columns of sign_on_find.sql, in their order. */
enum {
	FIND_ID,
	FIND_MARKETPLACE_ID,
	FIND_PROVIDER_ID,
	FIND_NAME,
	FIND_PLAN,
	FIND_REGION,
	FIND_STATE,
	FIND_CREATED_AT,
	FIND_PROVISIONED_AT,
	FIND_UPDATED_AT,
	FIND_CONFIG
};

enum outcome sign_on_find(struct db *db, struct arena *arena,
			  const struct sign_on_session *session,
			  struct sign_on_resource *resource, bool *found)
{
	const char *const values[] = {
		session->resource,
		session->marketplace,
		session->addon,
		db_number_value(arena, session->event),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &sign_on_find_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found)
		*resource = (struct sign_on_resource){
			.id = db_text(rows, 0, FIND_ID),
			.marketplace_id = db_text(rows, 0, FIND_MARKETPLACE_ID),
			.provider_id = db_text(rows, 0, FIND_PROVIDER_ID),
			.name = db_text(rows, 0, FIND_NAME),
			.plan = db_text(rows, 0, FIND_PLAN),
			.region = db_text(rows, 0, FIND_REGION),
			.state = db_text(rows, 0, FIND_STATE),
			.created_at = db_text(rows, 0, FIND_CREATED_AT),
			.provisioned_at = db_text(rows, 0, FIND_PROVISIONED_AT),
			.updated_at = db_text(rows, 0, FIND_UPDATED_AT),
			.config = db_text(rows, 0, FIND_CONFIG),
		};
	return OUTCOME_OK;
}

/* The SQLSTATE of a statement that would have written its event again. */
#define UNIQUE_VIOLATION "23505"

enum outcome sign_on_begin_at_once(struct db *db, struct arena *arena,
				   const struct sign_on_lookup *lookup,
				   struct sign_on_event *event, int64_t *id,
				   bool *found)
{
	const char *const values[] = {
		lookup->marketplace, lookup->addon,
		lookup->id,          db_bool_value(lookup->is_key),
		event->request_id,   event->user,
		event->email,        event->address,
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &sign_on_begin_at_once_sql, values, &rows);

	*found = outcome == OUTCOME_OK && db_count(rows) > 0;
	if (*found) {
		event->resource = db_text(rows, 0, 0);
		*id = db_number(rows, 0, 1);
	}
	if (outcome == OUTCOME_BROKEN
	    && strcmp(db_failure_state(db), UNIQUE_VIOLATION) == 0)
		return OUTCOME_OK;
	return outcome;
}

/* extra is a parameter that only some of the statements have. */
static enum outcome run_event_statement(struct db *db, struct arena *arena,
					const struct db_statement *statement,
					const struct sign_on_event *event,
					const char *extra,
					const struct db_rows **rows)
{
	const char *const values[] = {
		event->resource, event->request_id, event->user,
		event->email,    event->address,    extra,
	};

	return db_run(db, arena, statement, values, rows);
}

enum outcome sign_on_begin(struct db *db, struct arena *arena,
			   const struct sign_on_event *event, int64_t *id)
{
	const struct db_rows *rows;
	enum outcome outcome = run_event_statement(
		db, arena, &sign_on_begin_sql, event, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (db_count(rows) == 0)
		return OUTCOME_NOT_FOUND;
	*id = db_number(rows, 0, 0);
	return OUTCOME_OK;
}

enum outcome sign_on_refuse(struct db *db, struct arena *arena,
			    const struct sign_on_event *event)
{
	return run_event_statement(db, arena, &sign_on_refuse_sql, event,
				   event->reason, NULL);
}

enum outcome sign_on_use_tokens(struct db *db, struct arena *arena,
				const char *const digests[],
				const char *request_id, int64_t expires_in,
				bool *is_first)
{
	const char *list = "";
	const char *values[3] = { NULL, request_id,
				  db_number_value(arena, expires_in) };
	const struct db_rows *rows;
	enum outcome outcome;

	for (int i = 0; digests[i]; i++)
		list = arena_join(arena, list, i > 0 ? " " : NULL, digests[i]);
	values[0] = list;
	outcome = db_run(db, arena, &sign_on_use_tokens_sql, values, &rows);
	if (outcome == OUTCOME_OK)
		*is_first = db_bool(rows, 0, 0);
	return outcome;
}

enum outcome sign_on_reveal(struct db *db, struct arena *arena,
			    const struct sign_on_event *event)
{
	return run_event_statement(db, arena, &sign_on_reveal_sql, event, NULL,
				   NULL);
}

enum outcome sign_on_is_revealed(struct db *db, struct arena *arena,
				 const struct sign_on_event *event,
				 bool *is_revealed)
{
	const char *const values[] = { event->resource, event->user,
				       event->email, event->address };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &sign_on_is_revealed_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*is_revealed = db_bool(rows, 0, 0);
	return outcome;
}

enum outcome sign_on_end(struct db *db, struct arena *arena,
			 const struct sign_on_session *session,
			 const char *request_id, int64_t expires_in)
{
	const char *const values[] = {
		session->resource,
		db_number_value(arena, session->event),
		request_id,
		db_number_value(arena, expires_in),
	};

	return db_run(db, arena, &sign_on_end_sql, values, NULL);
}

enum outcome sign_on_end_all(struct db *db, struct arena *arena,
			     const struct sign_on_event *event)
{
	return run_event_statement(db, arena, &sign_on_end_all_sql, event,
				   event->operator ? event->operator : "customer", NULL);
}
