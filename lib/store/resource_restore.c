#include "lib/store/resource_restore.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement resource_restore_begin_sql;

enum outcome resource_restore_begin(struct db *db, struct arena *arena,
				    const struct resource *from,
				    const struct resource *resource,
				    const struct resource_actor *actor,
				    bool *done)
{
	const char *const values[] = {
		from->id,          from->version, resource->id,
		resource->version, actor->name,   actor->request_id,
	};

	return db_change(db, arena, &resource_restore_begin_sql, values, done);
}
