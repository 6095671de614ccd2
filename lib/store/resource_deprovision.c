#include "lib/store/resource_deprovision.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_create_tombstone_sql,
	resource_deprovision_sql;

enum outcome resource_create_tombstone(struct db *db, struct arena *arena,
				       const struct resource *resource,
				       bool cleans_up,
				       const struct resource_actor *actor,
				       bool *created)
{
	const char *const values[] = {
		resource->id,          resource->marketplace,
		resource->addon,       resource->marketplace_id,
		resource->provider_id, actor->name,
		actor->request_id,     db_bool_value(cleans_up),
	};

	return db_change(db, arena, &resource_create_tombstone_sql, values,
			 created);
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
		db_bool_value(removal->frees_key),
		db_bool_value(removal->cleans_up),
		removal->keep ? db_number_value(arena, removal->keep) : NULL,
	};

	return db_change(db, arena, &resource_deprovision_sql, values, done);
}
