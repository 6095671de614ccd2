#include "lib/store/resource_config.h"

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_config_change_sql,
	resource_config_begin_rotation_sql, resource_config_forget_sql;

enum outcome resource_config_change(struct db *db, struct arena *arena,
				    const struct resource_config_change *change,
				    const struct resource_actor *actor,
				    bool *done)
{
	const struct resource *resource = change->resource;
	const char *const values[] = {
		resource->id,      resource->version,
		resource->config,  db_bool_value(change->is_pushed),
		change->event,     actor->name,
		actor->request_id, change->after,
	};

	return db_change(db, arena, &resource_config_change_sql, values, done);
}

enum outcome resource_config_begin_rotation(struct db *db, struct arena *arena,
					    const struct resource *resource,
					    int overlap,
					    const struct resource_actor *actor,
					    bool *done)
{
	const char *const values[] = {
		resource->id,
		resource->version,
		db_number_value(arena, overlap),
		actor->name,
		actor->request_id,
	};

	return db_change(db, arena, &resource_config_begin_rotation_sql, values,
			 done);
}

enum outcome resource_config_forget(struct db *db, struct arena *arena,
				    const struct resource *resource,
				    const struct resource_sealed *unreadable,
				    const struct resource_actor *actor,
				    bool *done)
{
	const char *const values[] = {
		resource->id,
		resource->version,
		db_bool_value(unreadable->config),
		db_bool_value(unreadable->log_drain_url),
		db_bool_value(unreadable->log_input_url),
		db_bool_value(unreadable->options),
		actor->name,
		actor->request_id,
		db_bool_value(unreadable->logplex_token),
	};

	return db_change(db, arena, &resource_config_forget_sql, values, done);
}
