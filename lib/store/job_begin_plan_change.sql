-- Queue and claim a change of resource $1, whose version is $2, to plan $3.
-- Returns the job; no row if the resource has changed or has a listener job.
--
-- The version is incremented, so that one of two concurrent requests finds the
-- resource changed.
WITH resource AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $1 AND version = $2 AND state = 'provisioned'
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
)
INSERT INTO jobs AS j (kind, lane, resource, payload, attempts, claim,
	lease_until, run_at)
SELECT 'change-plan', 'listener', id, jsonb_build_object('plan', $3::text),
	1, $4,
	now() + $5::float8 * interval '1 ms',
	now() + $6::float8 * interval '1 ms'
FROM resource
RETURNING
\ir job_columns.inc.sql
