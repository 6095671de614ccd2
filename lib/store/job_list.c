#include "lib/store/job_list.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/text/uuid.h"

#define AT JSON_ROWS_TIME

/* Nobody has claimed it, or nobody is at it any more. */
#define IS_FREE(j) "(" j ".lease_until IS NULL OR " j ".lease_until < now())"

/* ---- looking ---- */

/* clang-format off */

/* Does b keep j from being claimed?  (job_claim_next()) */
#define IS_BEFORE(b, j)                                                        \
	b ".resource = " j ".resource AND " b ".finished_at IS NULL"           \
	" AND " b ".id <> " j ".id AND CASE " j ".kind WHEN 'exchange'"        \
	" THEN " b ".kind IN " JOB_ERRANDS " AND " b ".lease_until >= now()"   \
	" ELSE (" b ".kind IN " JOB_ERRANDS ")"                                \
	" = (" j ".kind IN " JOB_ERRANDS ")"                                   \
	" AND (" b ".id < " j ".id OR " b ".kind = 'exchange') END"

/* Of jobs j, which are few. */
#define TOLD(jobs)                                                             \
	"SELECT json_build_object('id', j.id, 'kind', j.kind,"                 \
	" 'state', s.state, 'at', " AT("CASE s.state"                          \
	" WHEN 'running' THEN j.lease_until WHEN 'gave-up' THEN NULL"          \
	" WHEN 'done' THEN j.finished_at ELSE j.run_at END") ","               \
	" 'marketplace', r.marketplace, 'addon', r.addon,"                     \
	" 'resource', r.id, 'resource_state', r.state,"                        \
	" 'plan', j.payload->>'plan', 'attempts', j.attempts,"                 \
	" 'behind', first.id, 'created_at', " AT("j.created_at") ","           \
	" 'last_error', j.last_error)"                                         \
	" FROM (" jobs ") j JOIN resources r ON r.id = j.resource"             \
	" LEFT JOIN LATERAL (SELECT id FROM jobs b WHERE " IS_BEFORE("b", "j") \
	" AND j.finished_at IS NULL"                                           \
	" ORDER BY kind <> 'exchange', id LIMIT 1) first ON true"              \
	" CROSS JOIN LATERAL (SELECT CASE"                                     \
	" WHEN j.finished_at IS NOT NULL THEN 'done'"                          \
	" WHEN NOT " IS_FREE("j") " THEN 'running'"                            \
	" WHEN j.run_at = 'infinity' THEN 'gave-up'"                           \
	" WHEN first.id IS NOT NULL THEN 'behind'"                             \
	" WHEN j.run_at > now() THEN 'waiting' ELSE 'due' END AS state) s"     \
	" ORDER BY j.id DESC"

#define ASKED_FOR                                                              \
	"($1::text IS NULL OR kind = $1)"                                      \
	" AND ($2::text IS NULL OR resource IN (SELECT id FROM resources"      \
	" WHERE id = $3::uuid OR marketplace_id IN ($2, $3::text)"             \
	" OR provider_id IN ($2, $3::text)))"                                  \
	" AND (NOT $4::boolean OR run_at = 'infinity')"                        \
	" ORDER BY id DESC LIMIT $5::integer"

/* Only a condition that holds for every value can use the index of what is
 * unfinished. */
static const struct db_statement list = {
	.name = "job_list",
	.params = 5,
	.sql = TOLD("SELECT * FROM jobs WHERE finished_at IS NULL AND "
		    ASKED_FOR),
};

static const struct db_statement list_all = {
	.name = "job_inventory_list_all",
	.params = 5,
	.sql = TOLD("SELECT * FROM jobs WHERE " ASKED_FOR),
};

/* clang-format on */

enum outcome job_list(struct db *db, struct arena *arena,
		      const struct job_query *query, struct json_rows *found)
{
	char uuid[UUID_LENGTH + 1];
	bool is_uuid = query->resource && uuid_read(query->resource, uuid);
	const char *const values[] = {
		query->kind,
		query->resource,
		is_uuid ? uuid : NULL,
		query->has_given_up ? "true" : "false",
	};

	return json_rows_read(db, arena, query->with_done ? &list_all : &list,
			      values, query->limit, JSON_ROWS_AS_FOUND, found);
}

static const struct db_statement show = {
	.name = "job_list_show",
	.params = 1,
	.sql = TOLD("SELECT * FROM jobs WHERE id = $1"),
};

enum outcome job_list_show(struct db *db, struct arena *arena, const char *id,
			   const struct json **job)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &show, &id, &rows);

	*job = NULL;
	if (outcome != OUTCOME_OK || db_count(rows) == 0)
		return outcome;
	*job = json_rows_object(rows, arena, 0);
	return *job ? OUTCOME_OK : OUTCOME_BROKEN;
}

/* clang-format off */
static const struct db_statement count = {
	.name = "job_list_count",
	.sql = "SELECT count(*), count(*) FILTER (WHERE run_at = 'infinity'),"
	       " count(*) FILTER (WHERE is_overdue), "
	       AT("min(due_at) FILTER (WHERE is_overdue)")
	       ", (SELECT count(*) FROM events WHERE what = 'grant-missed'"
	       " AND at > now() - interval '7 days'),"
	       " count(*) FILTER (WHERE attempts >= 10"
	       " AND run_at <> 'infinity' AND kind IN " JOB_ERRANDS ")"
	       " FROM (SELECT run_at, due_at, attempts, kind,"
	       " due_at < now() - interval '1 minute' AND NOT EXISTS"
	       " (SELECT FROM jobs before WHERE " IS_BEFORE("before", "j") ")"
	       " AS is_overdue FROM (SELECT *,"
	       " greatest(run_at, lease_until) AS due_at FROM jobs"
	       " WHERE finished_at IS NULL) j) judged",
};
/* clang-format on */

enum outcome job_list_count(struct db *db, struct arena *arena,
			    struct job_counts *counts)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &count, NULL, &rows);

	if (outcome == OUTCOME_OK)
		*counts = (struct job_counts){
			.unfinished = atoi(db_text(rows, 0, 0)),
			.given_up = atoi(db_text(rows, 0, 1)),
			.overdue = atoi(db_text(rows, 0, 2)),
			.since = db_text(rows, 0, 3),
			.missed = atoi(db_text(rows, 0, 4)),
			.refused = atoi(db_text(rows, 0, 5)),
		};
	return outcome;
}

/* ---- doing ---- */

/* clang-format off */
static const struct db_statement retry = {
	.name = "job_operator_retry",
	.params = 2,
	.sql = "WITH again AS (UPDATE jobs j SET run_at = now()"
	       " WHERE id = $1 AND finished_at IS NULL AND " IS_FREE("j")
	       " RETURNING id, kind, resource, attempts)"
	       " INSERT INTO events (resource, what, actor, after)"
	       " SELECT resource, 'job-retried', $2, jsonb_build_object("
	       "'job', id, 'kind', kind, 'attempts', attempts) FROM again"
	       " RETURNING id",
};
/* clang-format on */

enum outcome job_operator_retry(struct db *db, struct arena *arena,
				const char *id, const char *actor, bool *done)
{
	const char *const values[] = { id, actor };

	return db_change(db, arena, &retry, values, done);
}

/*
 * The resource is locked before the job, as in settle.c; and nothing is erased
 * of one that a deprovision has overtaken meanwhile: its clean-up needs it.
 * What was promised is refused, which the marketplace is told; and what is
 * there of it, but for that, is cleaned up.
 */
/* clang-format off */
static const struct db_statement cancel = {
	.name = "job_operator_cancel",
	.params = 2,
	.sql = "WITH held AS (SELECT r.id, r.state, r.promised_at FROM jobs j"
	       " JOIN resources r ON r.id = j.resource WHERE j.id = $1"
	       " FOR NO KEY UPDATE OF r),"
	       " job AS (UPDATE jobs j SET finished_at = now(), claim = NULL,"
	       " last_error = 'cancelled by ' || $2 FROM held"
	       " WHERE j.id = $1 AND j.finished_at IS NULL AND " IS_FREE("j")
	       " RETURNING j.id, j.kind, held.id AS resource, held.state,"
	       " held.promised_at IS NOT NULL AS is_promised),"
	       " ended AS (SELECT resource, kind, CASE"
	       " WHEN kind IN ('provision', 'complete')"
	       " AND state = 'provisioning' AND is_promised THEN 'refused'"
	       " WHEN kind = 'provision' AND state = 'provisioning'"
	       " THEN 'abandoned'"
	       " WHEN kind = 'deprovision' AND state = 'deprovisioning'"
	       " THEN 'deprovisioned'"
	       " WHEN kind = 'deprovision' AND state = 'refused'"
	       " THEN 'refused' END AS state FROM job),"
	       " kept AS (UPDATE resources r SET state = ended.state,"
	       " config = CASE WHEN ended.kind = 'complete' THEN r.config END,"
	       " message = CASE WHEN ended.kind <> 'deprovision'"
	       " AND ended.state = 'refused' THEN"
	       " 'The resource could not be provisioned.' ELSE r.message END,"
	       " log_input_url = CASE WHEN ended.state <> 'deprovisioned'"
	       " THEN r.log_input_url END,"
	       " version = r.version + 1, updated_at = now() FROM ended"
	       " WHERE r.id = ended.resource AND ended.state IS NOT NULL"
	       " RETURNING r.id, r.state, ended.kind),"
	       " queued AS (INSERT INTO jobs (kind, resource)"
	       " SELECT 'withdraw', id FROM kept WHERE state = 'refused'"
	       " AND kind <> 'deprovision' UNION ALL"
	       " SELECT 'deprovision', id FROM kept WHERE kind = 'complete'),"
	       " ungranted AS (DELETE FROM grants USING kept"
	       " WHERE grants.resource = kept.id"
	       " AND kept.state = 'deprovisioned')"
	       " INSERT INTO events (resource, what, actor, before, after)"
	       " SELECT job.resource, 'job-cancelled', $2, jsonb_build_object("
	       "'job', job.id, 'kind', job.kind, 'state', job.state),"
	       " jsonb_build_object('state', coalesce(kept.state, job.state))"
	       " FROM job LEFT JOIN kept ON true RETURNING after->>'state'",
};
/* clang-format on */

enum outcome job_operator_cancel(struct db *db, struct arena *arena,
				 const char *id, const char *actor, bool *done,
				 const char **state)
{
	const char *const values[] = { id, actor };
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &cancel, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*done = db_count(rows) > 0;
	if (*done)
		*state = db_text(rows, 0, 0);
	return OUTCOME_OK;
}
