#include "lib/store/resource_move.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement resource_move_begin_sql;

enum outcome resource_move_begin(struct db *db, struct arena *arena,
				 const struct resource *from,
				 const struct resource *target,
				 const struct resource_actor *actor, bool *done)
{
	const char *const values[] = {
		from->id,
		from->version,
		target->id,
		target->version,
		actor->name,
		actor->request_id,
		target->marketplace,
		target->addon,
		target->marketplace_id,
		target->provider_id,
		target->plan,
		target->options,
	};

	return db_change(db, arena, &resource_move_begin_sql, values, done);
}
