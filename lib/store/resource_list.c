#include "lib/store/resource_list.h"

#include "lib/db/db.h"
#include "lib/text/uuid.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_list_sql, resource_list_show_sql,
	resource_list_history_sql, resource_list_reveal_sql,
	resource_list_page_sql;

static const char *age_value(struct arena *arena,
			     const struct resource_list_query *query)
{
	return query->since ? db_number_value(arena, query->since / 1000)
			    : NULL;
}

enum outcome resource_list(struct db *db, struct arena *arena,
			   const struct resource_list_query *query,
			   struct json_rows *found)
{
	char uuid[UUID_LENGTH + 1];
	bool is_uuid = query->id && uuid_read(query->id, uuid);
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		age_value(arena, query),
		query->id,
		is_uuid ? uuid : NULL,
		query->text,
	};

	return json_rows_read(db, arena, &resource_list_sql, values,
			      query->limit, JSON_ROWS_AS_FOUND, found);
}

/* The columns of resource_list_show.sql, in their order. */
enum { SHOW_RESOURCE, SHOW_CONFIG };

enum outcome resource_list_show(struct db *db, struct arena *arena,
				const char *id, const struct json **resource,
				const char **config)
{
	const char *const values[] = { id };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_list_show_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*resource = NULL;
	*config = NULL;
	if (db_count(rows) == 0)
		return OUTCOME_OK;
	*resource = json_rows_object(rows, arena, 0);
	*config = db_text(rows, 0, SHOW_CONFIG);
	return *resource ? OUTCOME_OK : OUTCOME_BROKEN;
}

enum outcome resource_list_history(struct db *db, struct arena *arena,
				   const char *id, int limit,
				   struct json_rows *events)
{
	return json_rows_read(db, arena, &resource_list_history_sql, &id, limit,
			      JSON_ROWS_BACKWARDS, events);
}

enum outcome resource_list_reveal(struct db *db, struct arena *arena,
				  const char *id, const char *actor)
{
	const char *const values[] = { id, actor };

	return db_run(db, arena, &resource_list_reveal_sql, values, NULL);
}

enum outcome resource_list_page(struct db *db, struct arena *arena,
				const struct resource_list_query *query,
				const char *after, struct json_rows *found)
{
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		age_value(arena, query),
		after,
	};

	return json_rows_read(db, arena, &resource_list_page_sql, values,
			      query->limit, JSON_ROWS_AS_FOUND, found);
}
