#include "lib/store/resource_import.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_import_sql,
	resource_import_update_sql;

static const char *moment(struct arena *arena, int64_t seconds)
{
	return seconds ? db_number_value(arena, seconds) : NULL;
}

enum outcome resource_import(struct db *db, struct arena *arena,
			     const struct resource *told,
			     const struct resource_moments *moments,
			     const struct resource_actor *actor, bool *made)
{
	const char *const values[] = {
		told->id,
		told->marketplace,
		told->addon,
		told->marketplace_id,
		told->provider_id,
		told->request_digest,
		told->name,
		told->plan,
		told->region,
		told->options,
		told->owner,
		told->callback_url,
		told->log_drain_token,
		told->log_drain_url,
		told->config,
		told->message,
		told->plan_message,
		resource_is_gone(told) ? "true" : "false",
		moment(arena, moments->created_at),
		moment(arena, moments->deprovisioned_at),
		actor->name,
	};

	return db_change(db, arena, &resource_import_sql, values, made);
}

enum outcome resource_import_update(struct db *db, struct arena *arena,
				    const struct resource *told,
				    const struct resource_actor *actor,
				    bool *done)
{
	const char *const values[] = {
		told->id,
		told->version,
		told->request_digest,
		told->name,
		told->plan,
		told->region,
		told->options,
		told->owner,
		told->callback_url,
		told->log_drain_token,
		told->log_drain_url,
		told->config,
		told->message,
		told->plan_message,
		actor->name,
	};

	return db_change(db, arena, &resource_import_update_sql, values, done);
}
