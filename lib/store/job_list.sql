-- List the jobs of job_list_where.inc.sql, newest first, after the job $8 unless
-- that is NULL.  Returns a JSON object for each of up to $9 jobs; job_list.h
-- explains its states.
--
-- job_claim_next.sql decides which jobs block another.
SELECT json_build_object('id', j.id, 'kind', j.kind, 'state', status.state,
	'at', iso8601(CASE status.state
		WHEN 'running' THEN j.lease_until
		WHEN 'gave-up' THEN NULL
		WHEN 'held' THEN NULL
		WHEN 'done' THEN j.finished_at
		ELSE j.run_at
	END),
	'marketplace', r.marketplace, 'addon', r.addon,
	'resource', r.id, 'resource_state', r.state,
	'plan', j.payload->>'plan', 'attempts', j.attempts,
	'blocked_by', blocker.id,
	'promised_at', iso8601(j.promised_at), 'undo_at', iso8601(j.undo_at),
	'created_at', iso8601(j.created_at),
	'last_error', j.last_error)
FROM (
	SELECT *
	FROM jobs
\ir job_list_where.inc.sql
		AND ($8::bigint IS NULL OR id < $8)
	ORDER BY id DESC
	LIMIT $9::integer
) j
JOIN resources r ON r.id = j.resource
LEFT JOIN LATERAL (
	SELECT other.id
	FROM jobs other
	WHERE other.resource = j.resource AND other.finished_at IS NULL
		AND other.id <> j.id AND j.finished_at IS NULL
		AND CASE j.kind WHEN 'exchange'
			THEN other.lane = 'marketplace' AND other.lease_until >= now()
			ELSE other.lane = j.lane
				AND (other.kind <> 'exchange', other.kind = 'check-config', other.id)
					< (true, j.kind = 'check-config', j.id)
		END
	ORDER BY other.kind <> 'exchange', other.kind = 'check-config', other.id
	LIMIT 1
) blocker ON true
CROSS JOIN LATERAL (
	SELECT CASE
		WHEN j.finished_at IS NOT NULL THEN 'done'
		WHEN j.lease_until >= now() THEN 'running'
		WHEN j.run_at = 'infinity' AND j.epoch <> database_epoch() THEN 'held'
		WHEN j.run_at = 'infinity' THEN 'gave-up'
		WHEN blocker.id IS NOT NULL THEN 'blocked'
		WHEN j.run_at > now() THEN 'waiting'
		ELSE 'due'
	END AS state
) status
ORDER BY j.id DESC
