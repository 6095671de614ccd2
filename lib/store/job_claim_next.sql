-- Claim the next job that is due, for provisor-jobs on host $3.  $4 is an array
-- of the kinds that this release knows.  Returns the job; no row if none is due.
--
-- Jobs come in the order of their rank, and of one rank the job that has been due
-- longest.  If $6, ranks count only among jobs that are due since the same time, so
-- that no job waits forever.
--
-- An add-on gets at most $5 processes of a host; no limit if that is NULL.  $7 has
-- the pids of the processes that run there: leases of others do not count.  All
-- count if it is NULL.  $8 is the pid of the process that claims.
--
-- While an add-on has that many, each of the others is searched separately: the first
-- index of jobs would lead through all jobs of the busy one.  Several candidates are
-- read, because other processes may lock the first of them.
WITH RECURSIVE busy AS (
	SELECT addon
	FROM jobs
	WHERE finished_at IS NULL AND lease_until >= now() AND host = $3
		AND ($7::integer[] IS NULL OR process = ANY ($7))
	GROUP BY addon
	HAVING count(*) >= $5::integer
), other (addon) AS (
	SELECT (SELECT min(addon) FROM jobs
		WHERE finished_at IS NULL AND NOT follows AND addon > '')
	WHERE EXISTS (SELECT FROM busy)
	UNION ALL
	SELECT (SELECT min(addon) FROM jobs
		WHERE finished_at IS NULL AND NOT follows AND addon > other.addon)
	FROM other
	WHERE other.addon IS NOT NULL
), candidate AS (
	SELECT job.id
	FROM generate_series(0, 5) place
	CROSS JOIN LATERAL (
		SELECT id
		FROM jobs
		WHERE finished_at IS NULL AND NOT follows AND rank = place
			AND run_at <= now() AND kind = ANY ($4::text[])
			AND (lease_until IS NULL OR lease_until < now())
		ORDER BY run_at
		LIMIT 16
	) job
	WHERE NOT EXISTS (SELECT FROM busy)
	UNION ALL
	SELECT job.id
	FROM other CROSS JOIN generate_series(0, 5) place
	CROSS JOIN LATERAL (
		SELECT id
		FROM jobs
		WHERE finished_at IS NULL AND NOT follows AND addon = other.addon
			AND rank = place AND run_at <= now()
			AND kind = ANY ($4::text[])
			AND (lease_until IS NULL OR lease_until < now())
		ORDER BY run_at
		LIMIT 2
	) job
	WHERE other.addon NOT IN (SELECT addon FROM busy)
), next AS (
	SELECT id
	FROM jobs
	WHERE id IN (SELECT id FROM candidate)
		AND finished_at IS NULL AND NOT follows
		AND (lease_until IS NULL OR lease_until < now())
		AND (kind <> 'exchange' OR NOT EXISTS (SELECT FROM jobs other
			WHERE other.resource = jobs.resource AND other.id <> jobs.id
				AND other.finished_at IS NULL
				AND other.lease_until >= now() AND other.lane = 'marketplace'))
	ORDER BY CASE WHEN $6::boolean THEN 0 ELSE rank END, run_at, rank
	LIMIT 1
	FOR UPDATE SKIP LOCKED
)
UPDATE jobs j
SET claim = $1, attempts = j.attempts + 1, host = $3, process = $8,
	lease_until = now() + $2::float8 * interval '1 ms'
WHERE j.id = (SELECT id FROM next)
RETURNING
\ir job_columns.inc.sql
