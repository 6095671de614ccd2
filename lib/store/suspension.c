#include "lib/store/suspension.h"

#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement suspension_change_sql;

enum outcome suspension_change(struct db *db, struct arena *arena,
			       const struct suspension *suspension,
			       const struct resource_actor *actor, bool *done)
{
	const char *const values[] = {
		suspension->id,
		actor->name,
		actor->request_id,
		suspension->reason,
		db_bool_value(suspension->has_job),
		db_bool_value(suspension->begins),
		suspension->begun_by,
	};

	return db_change(db, arena, &suspension_change_sql, values, done);
}
