-- Claim the first unfinished listener job of resource $1 if it is of kind $2
-- and free.  If $3 is not NULL, the job changes to plan $3 instead.  Returns
-- the job.
--
-- Another round begins if the job was undone or $3 is another plan.  If the
-- statement runs again after its reply was lost, it finds its own claim $4.
WITH first AS (
	SELECT id
	FROM jobs
	WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener'
	ORDER BY id
	LIMIT 1
)
UPDATE jobs j
SET claim = $4, attempts = j.attempts + 1,
	lease_until = now() + $5::float8 * interval '1 ms',
	run_at = now() + $6::float8 * interval '1 ms',
	payload = jsonb_strip_nulls(jsonb_build_object(
		'plan', coalesce($3, j.payload->>'plan'),
		'round', coalesce((j.payload->>'round')::integer, 0)
			+ CASE WHEN j.payload ? 'undone' OR $3 <> j.payload->>'plan'
				THEN 1 ELSE 0 END))
FROM first
WHERE j.id = first.id AND j.kind = $2 AND j.finished_at IS NULL
	AND (j.lease_until IS NULL OR j.lease_until < now() OR j.claim = $4)
RETURNING
\ir job_columns.inc.sql
