#include "lib/store/resource_import.h"

#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_import_sql,
	resource_import_update_sql;

/* Return NULL for 0. */
static const char *moment_value(struct arena *arena, int64_t seconds)
{
	return seconds ? db_number_value(arena, seconds) : NULL;
}

enum outcome resource_import(struct db *db, struct arena *arena,
			     const struct resource *resource,
			     const struct resource_moments *moments,
			     const struct resource_actor *actor, bool *created)
{
	const char *const values[] = {
		resource->id,
		resource->marketplace,
		resource->addon,
		resource->marketplace_id,
		resource->provider_id,
		resource->request_digest,
		resource->name,
		resource->plan,
		resource->region,
		resource->options,
		resource->owner,
		resource->callback_url,
		resource->log_drain_token,
		resource->log_drain_url,
		resource->config,
		resource->message,
		resource->plan_message,
		resource_state_name(resource->state),
		moment_value(arena, moments->created_at),
		moment_value(arena, moments->deprovisioned_at),
		actor->name,
		moment_value(arena, moments->kept_until),
		resource->former_marketplace_id,
	};

	return db_change(db, arena, &resource_import_sql, values, created);
}

enum outcome resource_import_update(struct db *db, struct arena *arena,
				    const struct resource *changed,
				    const struct resource_actor *actor,
				    bool *done)
{
	const char *const values[] = {
		changed->id,
		changed->version,
		changed->request_digest,
		changed->name,
		changed->plan,
		changed->region,
		changed->options,
		changed->owner,
		changed->callback_url,
		changed->log_drain_token,
		changed->log_drain_url,
		changed->config,
		changed->message,
		changed->plan_message,
		actor->name,
	};

	return db_change(db, arena, &resource_import_update_sql, values, done);
}
