#include "lib/store/event_list.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement event_list_sql, event_list_total_sql;

static const struct json_rows_list events = { &event_list_sql,
					      &event_list_total_sql };

enum outcome event_list(struct db *db, struct arena *arena,
			const struct event_query *query,
			struct json_rows *found)
{
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->resource,
		query->event,
		query->actor,
		query->since ? db_number_value(arena, query->since / 1000)
			     : NULL,
	};

	return json_rows_read_page(db, arena, &events, values, query->after,
				   query->limit, found);
}
