#include "lib/store/job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/base/log.h"

enum {
	FIRST_DELAY = 2000,         /* ms; it doubles with each attempt */
	LONGEST_DELAY = 3600 * 1000 /* ms */
};

static const char *const kinds[] = {
	[JOB_PROVISION] = "provision",     [JOB_CHANGE_PLAN] = "change-plan",
	[JOB_DEPROVISION] = "deprovision", [JOB_ROTATE] = "rotate",
	[JOB_EXCHANGE] = "exchange",       [JOB_COMPLETE] = "complete",
	[JOB_WITHDRAW] = "withdraw",       [JOB_PUSH_CONFIG] = "push-config",
	[JOB_WRITE_LOG] = "write-log",
};
_Static_assert(COUNT(kinds) == JOB_KINDS, "name each kind");

const char *job_kind_name(enum job_kind kind)
{
	return kinds[kind];
}

bool job_kind_named(const char *name, enum job_kind *kind)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i], name) != 0)
			continue;
		*kind = (enum job_kind)i;
		return true;
	}
	return false;
}

bool job_calls_marketplace(enum job_kind kind)
{
	return kind >= JOB_EXCHANGE;
}

int64_t job_back_off(int attempt)
{
	int64_t delay = FIRST_DELAY;

	while (--attempt > 0 && delay < LONGEST_DELAY)
		delay *= 2;
	if (delay > LONGEST_DELAY)
		delay = LONGEST_DELAY;
	return delay / 2 + random() % (delay / 2);
}

const char *job_number(struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%" PRId64, number);
}

/* ---- claiming ---- */

#define CLAIMED                                                                \
	"j.id, j.kind, j.resource, j.payload->>'plan', j.attempts,"            \
	" j.payload->>'line', coalesce(j.payload->>'overlap', '0'),"           \
	" coalesce(j.payload->>'turn', '0')"

/* In the order of CLAIMED.  False: another release wrote a kind this one does
 * not know. */
static bool read_job(struct arena *arena, const struct db_rows *rows,
		     const struct job_claim *claim, struct job *job)
{
	const char *kind = db_text(rows, 0, 1);

	*job = (struct job){
		.id = db_text(rows, 0, 0),
		.resource = db_text(rows, 0, 2),
		.plan = db_text(rows, 0, 3),
		.line = db_text(rows, 0, 5),
		.claim = arena_strdup(arena, claim->id),
		.attempt = atoi(db_text(rows, 0, 4)),
		.overlap = atoi(db_text(rows, 0, 6)),
		.turn = atoi(db_text(rows, 0, 7)),
	};
	if (job_kind_named(kind, &job->kind))
		return true;
	log_error("job %s is of a kind this release does not know: %s", job->id,
		  kind);
	return false;
}

static enum outcome claim_one(struct db *db, struct arena *arena,
			      const struct db_statement *statement,
			      const char *const values[],
			      const struct job_claim *claim, struct job *job,
			      bool *found)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, statement, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found && !read_job(arena, rows, claim, job))
		return OUTCOME_UNAVAILABLE;
	return OUTCOME_OK;
}

/* Another turn begins where the listener was meanwhile asked for something
 * else. Run again after its answer was lost, it finds its own claim. */
static const struct db_statement claim_of = {
	.name = "job_claim_of",
	.params = 6,
	.sql = "WITH first AS (SELECT id FROM jobs WHERE resource = $1"
	       " AND finished_at IS NULL AND kind NOT IN " JOB_ERRANDS
	       " ORDER BY id LIMIT 1)"
	       " UPDATE jobs j SET claim = $4, attempts = j.attempts + 1,"
	       " lease_until = now() + $5::float8 * interval '1 ms',"
	       " run_at = now() + $6::float8 * interval '1 ms',"
	       " payload = jsonb_strip_nulls(jsonb_build_object("
	       "'plan', coalesce($3, j.payload->>'plan'),"
	       " 'turn', coalesce((j.payload->>'turn')::integer, 0)"
	       " + CASE WHEN j.payload ? 'back' OR $3 <> j.payload->>'plan'"
	       " THEN 1 ELSE 0 END))"
	       " FROM first WHERE j.id = first.id AND j.kind = $2"
	       " AND j.finished_at IS NULL AND (j.lease_until IS NULL"
	       " OR j.lease_until < now() OR j.claim = $4)"
	       " RETURNING " CLAIMED,
};

enum outcome job_claim_of(struct db *db, struct arena *arena,
			  const char *resource, enum job_kind kind,
			  const char *plan, const struct job_claim *claim,
			  struct job *job, bool *found)
{
	const char *const values[] = {
		resource,
		kinds[kind],
		plan,
		claim->id,
		job_number(arena, claim->lease),
		job_number(arena, claim->run_in),
	};

	return claim_one(db, arena, &claim_of, values, claim, job, found);
}

/* Due, and nobody is at it. */
#define IS_DUE                                                                 \
	"finished_at IS NULL AND run_at <= now()"                              \
	" AND (lease_until IS NULL OR lease_until < now())"

/* Nobody calls the marketplace for the resource of jobs now. */
#define NOBODY_CALLS                                                           \
	"NOT EXISTS (SELECT FROM jobs other"                                   \
	" WHERE other.resource = jobs.resource AND other.id <> jobs.id"        \
	" AND other.finished_at IS NULL AND other.lease_until >= now()"        \
	" AND other.kind IN " JOB_ERRANDS ")"

/*
 * The first that is due and behind no other of its resource.  Before all that,
 * a grant is exchanged: its code is good for minutes, and others may be waiting
 * for the token.  But where that has failed some times it takes its turn.
 */
static const struct db_statement claim_next = {
	.name = "job_claim_next",
	.params = 2,
	.sql = "WITH exchange AS (SELECT id FROM jobs WHERE " IS_DUE
	       " AND kind = 'exchange' AND attempts < 3 AND " NOBODY_CALLS
	       " ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED),"
	       " next AS (SELECT id FROM jobs WHERE " IS_DUE
	       " AND CASE kind WHEN 'exchange' THEN " NOBODY_CALLS
	       " ELSE NOT EXISTS (SELECT FROM jobs other"
	       " WHERE other.resource = jobs.resource"
	       " AND other.finished_at IS NULL"
	       " AND (other.id < jobs.id OR other.kind = 'exchange')"
	       " AND (other.kind IN " JOB_ERRANDS ")"
	       " = (jobs.kind IN " JOB_ERRANDS ")) END"
	       " ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
	       " UPDATE jobs j SET claim = $1, attempts = j.attempts + 1,"
	       " lease_until = now() + $2::float8 * interval '1 ms'"
	       " WHERE j.id = coalesce((SELECT id FROM exchange),"
	       " (SELECT id FROM next)) RETURNING " CLAIMED,
};

enum outcome job_claim_next(struct db *db, struct arena *arena,
			    const struct job_claim *claim, struct job *job,
			    bool *found)
{
	const char *const values[] = {
		claim->id,
		job_number(arena, claim->lease),
	};

	return claim_one(db, arena, &claim_next, values, claim, job, found);
}

static const struct db_statement turn_back = {
	.name = "job_turn_back",
	.params = 2,
	.sql = "UPDATE jobs SET payload = coalesce(payload, '{}')"
	       " || '{\"back\": true}' WHERE id = $1 AND claim = $2"
	       " AND finished_at IS NULL",
};

enum outcome job_turn_back(struct db *db, struct arena *arena,
			   const struct job *job)
{
	const char *const values[] = { job->id, job->claim };

	return db_run(db, arena, &turn_back, values, NULL);
}

static const struct db_statement is_alone = {
	.name = "job_is_alone",
	.params = 2,
	.sql = "SELECT FROM jobs WHERE resource = $1 AND id <> $2"
	       " AND finished_at IS NULL AND lease_until >= now()"
	       " AND kind IN " JOB_ERRANDS,
};

enum outcome job_is_alone(struct db *db, struct arena *arena,
			  const struct job *job, bool *alone)
{
	const char *const values[] = { job->resource, job->id };
	enum outcome outcome;
	bool found = false;

	*alone = true;
	if (!job_calls_marketplace(job->kind))
		return OUTCOME_OK;
	outcome = db_change(db, arena, &is_alone, values, &found);
	*alone = !found;
	return outcome;
}

/* The version goes up, so that of two at once one finds it changed. */
static const struct db_statement begin_change = {
	.name = "job_begin_change",
	.params = 6,
	.sql = "WITH read AS (UPDATE resources SET version = version + 1"
	       " WHERE id = $1 AND version = $2 AND state = 'provisioned'"
	       " AND NOT EXISTS (SELECT FROM jobs WHERE resource = $1"
	       " AND finished_at IS NULL AND kind NOT IN " JOB_ERRANDS ")"
	       " RETURNING id)"
	       " INSERT INTO jobs AS j (kind, resource, payload, attempts,"
	       " claim, lease_until, run_at)"
	       " SELECT 'change-plan', id,"
	       " jsonb_build_object('plan', $3::text), 1, $4,"
	       " now() + $5::float8 * interval '1 ms',"
	       " now() + $6::float8 * interval '1 ms' FROM read"
	       " RETURNING " CLAIMED,
};

enum outcome job_begin_change(struct db *db, struct arena *arena,
			      const char *resource, const char *version,
			      const char *plan, const struct job_claim *claim,
			      struct job *job, bool *done)
{
	const char *const values[] = {
		resource,
		version,
		plan,
		claim->id,
		job_number(arena, claim->lease),
		job_number(arena, claim->run_in),
	};

	return claim_one(db, arena, &begin_change, values, claim, job, done);
}

/* ---- letting go ---- */

/*
 * Behind what is gone its clean-up waits, so that is put off for a second at
 * most; and what was promised is looked at again when its time is over, if not
 * before.  The resource is locked before the job, as in settle.c.
 */
static const struct db_statement put_off = {
	.name = "job_put_off",
	.params = 5,
	.sql = "WITH held AS (SELECT r.state, r.deadline"
	       " FROM jobs j JOIN resources r ON r.id = j.resource"
	       " WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL"
	       " FOR NO KEY UPDATE OF r)"
	       " UPDATE jobs j SET run_at = CASE"
	       " WHEN j.kind <> 'deprovision' AND held.state IN"
	       " ('deprovisioning', 'deprovisioned') THEN now()"
	       " + least($3::float8, 1000) * interval '1 ms'"
	       " WHEN j.kind IN ('provision', 'complete')"
	       " AND held.deadline > now() THEN least(held.deadline,"
	       " now() + $3::float8 * interval '1 ms')"
	       " ELSE coalesce(now() + $3::float8 * interval '1 ms',"
	       " 'infinity') END,"
	       " lease_until = CASE WHEN $4::boolean THEN j.lease_until END,"
	       " last_error = $5 FROM held"
	       " WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL",
};

enum outcome job_put_off(struct db *db, struct arena *arena,
			 const struct job *job, int64_t delay, bool keeps_lease,
			 const char *why)
{
	const char *const values[] = {
		job->id,
		job->claim,
		delay == JOB_NEVER ? NULL : job_number(arena, delay),
		keeps_lease ? "true" : "false",
		why,
	};

	return db_run(db, arena, &put_off, values, NULL);
}

/* What gave up may have done so for want of a token, and customers wait for
 * what is to be completed. */
static const struct db_statement wake_errands = {
	.name = "job_wake_marketplace_jobs",
	.params = 1,
	.sql = "UPDATE jobs SET run_at = now() WHERE resource = $1"
	       " AND finished_at IS NULL AND kind IN " JOB_ERRANDS
	       " AND (run_at = 'infinity' OR kind = 'complete')",
};

enum outcome job_wake_marketplace_jobs(struct db *db, struct arena *arena,
				       const char *resource)
{
	return db_run(db, arena, &wake_errands, &resource, NULL);
}

static const struct db_statement finish = {
	.name = "job_finish",
	.params = 3,
	.sql = "UPDATE jobs SET finished_at = now(), last_error = $3"
	       " WHERE id = $1 AND claim = $2 AND finished_at IS NULL",
};

enum outcome job_finish(struct db *db, struct arena *arena,
			const struct job *job, const char *note)
{
	const char *const values[] = { job->id, job->claim, note };

	return db_run(db, arena, &finish, values, NULL);
}

static const struct db_statement write_log = {
	.name = "job_write_log",
	.params = 2,
	.sql = "INSERT INTO jobs (kind, resource, payload) VALUES"
	       " ('write-log', $1, jsonb_build_object('line', $2::text))",
};

enum outcome job_write_log(struct db *db, struct arena *arena,
			   const char *resource, const char *line)
{
	const char *const values[] = { resource, line };

	return db_run(db, arena, &write_log, values, NULL);
}
