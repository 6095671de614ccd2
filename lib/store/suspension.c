#include "lib/store/suspension.h"

#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement suspension_begin_sql, suspension_end_sql;

static enum outcome
run_suspension_statement(struct db *db, struct arena *arena,
			 const struct db_statement *statement,
			 const struct suspension *suspension,
			 const struct resource_actor *actor, bool *done)
{
	const char *const values[] = {
		suspension->id,
		actor->name,
		actor->request_id,
		suspension->reason,
		db_bool_value(suspension->has_job),
	};

	return db_change(db, arena, statement, values, done);
}

enum outcome suspension_begin(struct db *db, struct arena *arena,
			      const struct suspension *suspension,
			      const struct resource_actor *actor, bool *done)
{
	return run_suspension_statement(db, arena, &suspension_begin_sql,
					suspension, actor, done);
}

enum outcome suspension_end(struct db *db, struct arena *arena,
			    const struct suspension *suspension,
			    const struct resource_actor *actor, bool *done)
{
	return run_suspension_statement(db, arena, &suspension_end_sql,
					suspension, actor, done);
}
