#include "lib/store/resource_deprovision.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_bury_sql, resource_deprovision_sql;

enum outcome resource_bury(struct db *db, struct arena *arena,
			   const struct resource *wanted, bool cleans_up,
			   const struct resource_actor *actor, bool *made)
{
	const char *const values[] = {
		wanted->id,          wanted->marketplace,
		wanted->addon,       wanted->marketplace_id,
		wanted->provider_id, actor->name,
		actor->request_id,   cleans_up ? "true" : "false",
	};

	return db_change(db, arena, &resource_bury_sql, values, made);
}

enum outcome resource_deprovision(struct db *db, struct arena *arena,
				  const struct resource_removal *removal,
				  const struct resource_actor *actor,
				  bool *done)
{
	const char *const values[] = {
		removal->id,
		actor->name,
		actor->request_id,
		removal->frees_key ? "true" : "false",
		removal->cleans_up ? "true" : "false",
	};

	return db_change(db, arena, &resource_deprovision_sql, values, done);
}
