#include "lib/store/resource_reconcile.h"

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"

static const struct db_statement next = {
	.name = "resource_reconcile_next",
	.params = 4,
	.sql = "SELECT id FROM resources WHERE state = 'provisioned'"
	       " AND ($1::text IS NULL OR marketplace = $1)"
	       " AND ($2::text IS NULL OR addon = $2)"
	       " AND id > $3::uuid"
	       " ORDER BY id LIMIT $4::integer",
};

enum outcome resource_reconcile_next(struct db *db, struct arena *arena,
				     const char *marketplace, const char *addon,
				     const char *after,
				     struct resource_reconcile_page *page)
{
	const char *const values[] = {
		marketplace,
		addon,
		after ? after : "00000000-0000-0000-0000-000000000000",
		job_number(arena, RECONCILING_PAGE),
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &next, values, &rows);

	*page = (struct resource_reconcile_page){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	for (; page->count < db_count(rows); page->count++)
		page->ids[page->count] = db_text(rows, page->count, 0);
	return OUTCOME_OK;
}

/* The version goes up, so that of two at once one finds it changed.  Run again
 * after its answer was lost, it finds its own claim. */
static const struct db_statement begin = {
	.name = "resource_reconcile_begin",
	.params = 4,
	.sql = "WITH read AS (UPDATE resources SET version = version + 1"
	       " WHERE id = $1 AND version = $2 AND state = 'provisioned'"
	       " AND NOT EXISTS (SELECT FROM jobs WHERE resource = $1"
	       " AND finished_at IS NULL AND kind IN " JOB_ERRANDS ")"
	       " RETURNING id, version),"
	       " begun AS (INSERT INTO jobs (kind, resource, attempts, claim,"
	       " lease_until) SELECT 'exchange', id, 1, $3,"
	       " now() + $4::float8 * interval '1 ms' FROM read RETURNING id)"
	       " SELECT begun.id, read.version FROM begun, read UNION ALL"
	       " SELECT j.id, r.version FROM jobs j JOIN resources r"
	       " ON r.id = j.resource WHERE r.id = $1 AND j.claim = $3"
	       " AND j.finished_at IS NULL",
};

enum outcome resource_reconcile_begin(struct db *db, struct arena *arena,
				      const char *resource,
				      const char **version,
				      const struct job_claim *claim,
				      struct job *job, bool *done)
{
	const char *const values[] = {
		resource,
		*version,
		claim->id,
		job_number(arena, claim->lease),
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &begin, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*done = db_count(rows) > 0;
	if (!*done)
		return OUTCOME_OK;
	*job = (struct job){
		.id = db_text(rows, 0, 0),
		.kind = JOB_EXCHANGE,
		.resource = resource,
		.claim = arena_strdup(arena, claim->id),
		.attempt = 1,
	};
	*version = db_text(rows, 0, 1);
	return OUTCOME_OK;
}

static const struct db_statement queue = {
	.name = "resource_reconcile_queue",
	.params = 3,
	.sql = "WITH queued AS (INSERT INTO jobs (kind, resource)"
	       " SELECT $2, id FROM resources WHERE id = $1"
	       " AND state = 'provisioned' AND NOT EXISTS (SELECT FROM jobs"
	       " WHERE resource = $1 AND kind = $2 AND finished_at IS NULL)"
	       " RETURNING resource)"
	       " INSERT INTO events (resource, what, actor, after)"
	       " SELECT resource, 'reconciled', $3,"
	       " jsonb_build_object('job', $2::text) FROM queued"
	       " RETURNING id",
};

enum outcome resource_reconcile_queue(struct db *db, struct arena *arena,
				      const char *resource, enum job_kind kind,
				      const struct resource_actor *actor,
				      bool *done)
{
	const char *const values[] = {
		resource,
		job_kind_name(kind),
		actor->name,
	};

	return db_change(db, arena, &queue, values, done);
}
