#include "lib/store/resource_config.h"

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

/* $1 and $2 are the resource and the version that was read. */
#define AS_READ                                                                \
	" WHERE id = $1 AND version = $2 AND state = 'provisioned'"            \
	" AND NOT EXISTS (SELECT FROM jobs WHERE resource = $1"                \
	" AND finished_at IS NULL AND kind NOT IN " JOB_ERRANDS ")"

static const struct db_statement config = {
	.name = "resource_config_change",
	.params = 8,
	.sql = "WITH changed AS (UPDATE resources SET config = $3,"
	       " version = version + 1, updated_at = now()" AS_READ
	       " RETURNING id),"
	       " news AS (SELECT id FROM changed WHERE $4::boolean)," JOB_QUEUE_PUSH
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id, after)"
	       " SELECT id, $5, $6, $7, $8::jsonb FROM changed)"
	       " SELECT id FROM changed",
};

enum outcome
resource_config_change(struct db *db, struct arena *arena,
		       const struct resource_config_change *revision,
		       const struct resource_actor *actor, bool *done)
{
	const struct resource *resource = revision->resource;
	const char *const values[] = {
		resource->id,      resource->version,
		resource->config,  revision->is_told ? "true" : "false",
		revision->what,    actor->name,
		actor->request_id, revision->after,
	};

	return db_change(db, arena, &config, values, done);
}

/* The version goes up, so that of two at once one finds it changed. */
static const struct db_statement begin_rotation = {
	.name = "resource_config_begin_rotation",
	.params = 5,
	.sql = "WITH read AS (UPDATE resources SET version = version + 1" AS_READ
	       " RETURNING id),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id, after) SELECT id, 'rotation-asked-for', $4, $5,"
	       " jsonb_build_object('overlap', $3::integer) FROM read)"
	       " INSERT INTO jobs (kind, resource, payload)"
	       " SELECT 'rotate', id,"
	       " jsonb_build_object('overlap', $3::integer) FROM read"
	       " RETURNING id",
};

enum outcome resource_config_begin_rotation(struct db *db, struct arena *arena,
					    const struct resource *resource,
					    int overlap,
					    const struct resource_actor *actor,
					    bool *done)
{
	const char *const values[] = {
		resource->id, resource->version, job_number(arena, overlap),
		actor->name,  actor->request_id,
	};

	return db_change(db, arena, &begin_rotation, values, done);
}
