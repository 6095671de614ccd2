-- Look for event $3 of resource $1 that request $2 has written.  If it exists,
-- queue a job that has the marketplace confirm it, due in $4 ms; $5 is
-- the plan to which the request has changed it.  Returns whether the event exists,
-- and the first transaction that may be in progress and the next one to begin.
WITH written AS (
	SELECT resource
	FROM events
	WHERE resource = $1 AND request_id = $2 AND event = $3
	LIMIT 1
), queued AS (
	INSERT INTO jobs (kind, lane, resource, payload, run_at)
	SELECT 'confirm', 'marketplace', resource,
		jsonb_build_object('plan', $5::text),
		now() + $4::float8 * interval '1 ms'
	FROM written
	WHERE NOT EXISTS (SELECT FROM jobs
		WHERE resource = $1 AND kind = 'confirm' AND finished_at IS NULL)
)
SELECT EXISTS (SELECT FROM written),
	pg_snapshot_xmin(pg_current_snapshot())::text,
	pg_snapshot_xmax(pg_current_snapshot())::text
