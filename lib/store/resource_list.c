#include "lib/store/resource_list.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"
#include "lib/store/resource_search.h"
#include "lib/text/uuid.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_list_sql, resource_list_show_sql,
	resource_list_history_sql, resource_list_reveal_sql,
	resource_list_page_sql, resource_list_total_sql,
	resource_list_count_sql;

static const char *age_value(struct arena *arena,
			     const struct resource_list_query *query)
{
	return query->since ? db_number_value(arena, query->since / 1000)
			    : NULL;
}

/* Set the parameters of resource_list_where.inc.sql. */
enum { WHERE_VALUES = 12 };

static enum outcome set_where(struct db *db, struct arena *arena,
			      const struct resource_list_query *query,
			      const char *values[])
{
	char *uuid = arena_alloc(arena, UUID_LENGTH + 1);
	bool is_uuid = query->id && uuid_read(query->id, uuid);
	struct resource_search search;
	enum outcome outcome =
		resource_search_for(db, arena, query->text, &search);
	const char *const where[WHERE_VALUES] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		age_value(arena, query),
		query->id,
		is_uuid ? uuid : NULL,
		search.ids,
		search.beginning,
		search.part,
		search.first_id,
		search.last_id,
	};

	memcpy(values, where, sizeof where);
	return outcome;
}

static const struct json_rows_list resources = { &resource_list_sql,
						 &resource_list_total_sql };

enum outcome resource_list(struct db *db, struct arena *arena,
			   const struct resource_list_query *query,
			   struct json_rows *found)
{
	const char *values[WHERE_VALUES];
	enum outcome outcome = set_where(db, arena, query, values);

	if (outcome != OUTCOME_OK)
		return outcome;
	return json_rows_read_page(db, arena, &resources, values, query->after,
				   query->limit, found);
}

enum outcome resource_list_total(struct db *db, struct arena *arena,
				 const struct resource_list_query *query,
				 int64_t *total)
{
	const char *values[WHERE_VALUES];
	enum outcome outcome = set_where(db, arena, query, values);

	if (outcome != OUTCOME_OK)
		return outcome;
	return json_rows_count(db, arena, &resources, values, total);
}

enum outcome resource_list_count(struct db *db, struct arena *arena,
				 const struct resource_list_query *query,
				 const char *column, struct json_rows *counts)
{
	const char *values[WHERE_VALUES + 1];
	enum outcome outcome = set_where(db, arena, query, values);

	if (outcome != OUTCOME_OK)
		return outcome;
	values[WHERE_VALUES] = column;
	return json_rows_read(db, arena, &resource_list_count_sql, values,
			      query->limit, JSON_ROWS_AS_FOUND, counts);
}

/* The columns of resource_list_show.sql, in their order. */
enum { SHOW_RESOURCE, SHOW_CONFIG, SHOW_OPTIONS };

enum outcome resource_list_show(struct db *db, struct arena *arena,
				const char *id,
				struct resource_list_shown *shown)
{
	const char *const values[] = { id };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_list_show_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*shown = (struct resource_list_shown){ 0 };
	if (db_count(rows) == 0)
		return OUTCOME_OK;
	shown->resource = json_rows_object(rows, arena, 0);
	shown->config = db_text(rows, 0, SHOW_CONFIG);
	shown->options = db_text(rows, 0, SHOW_OPTIONS);
	return shown->resource ? OUTCOME_OK : OUTCOME_BROKEN;
}

enum outcome resource_list_history(struct db *db, struct arena *arena,
				   const char *id, bool is_for_customer,
				   int limit, struct json_rows *events)
{
	const char *const values[] = { id, db_bool_value(is_for_customer) };

	return json_rows_read(db, arena, &resource_list_history_sql, values,
			      limit, JSON_ROWS_BACKWARDS, events);
}

enum outcome resource_list_reveal(struct db *db, struct arena *arena,
				  const char *id,
				  const struct resource_actor *actor)
{
	const char *const values[] = { id, actor->name, actor->request_id };

	return db_run(db, arena, &resource_list_reveal_sql, values, NULL);
}

enum outcome resource_list_page(struct db *db, struct arena *arena,
				const struct resource_list_query *query,
				const char *after, bool with_secrets,
				const struct db_rows **rows)
{
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		age_value(arena, query),
		after,
		db_bool_value(with_secrets),
		db_number_value(arena, query->limit),
	};

	return db_run(db, arena, &resource_list_page_sql, values, rows);
}
