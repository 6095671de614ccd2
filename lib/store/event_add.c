#include "lib/store/event_add.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from event_add.sql. */
extern const struct db_statement event_add_sql;

enum outcome event_add(struct db *db, struct arena *arena, const char *resource,
		       const char *event, const struct resource_actor *actor,
		       const char *after)
{
	const char *const values[] = { resource, event, actor->name,
				       actor->request_id, after };

	return db_run(db, arena, &event_add_sql, values, NULL);
}
