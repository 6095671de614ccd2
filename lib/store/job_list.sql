-- List jobs, newest first.  A NULL parameter is ignored: $1 is a job number, $2
-- a kind, and $3 an id of the resource (also in $4 if it is a UUID).  If $5,
-- list only jobs that have given up; unless $6, only unfinished jobs.  Returns
-- a JSON object for each of up to $7 jobs; job_list.h explains its states.
--
-- job_claim_next.sql decides which jobs block another.
SELECT json_build_object('id', j.id, 'kind', j.kind, 'state', status.state,
	'at', iso8601(CASE status.state
		WHEN 'running' THEN j.lease_until
		WHEN 'gave-up' THEN NULL
		WHEN 'done' THEN j.finished_at
		ELSE j.run_at
	END),
	'marketplace', r.marketplace, 'addon', r.addon,
	'resource', r.id, 'resource_state', r.state,
	'plan', j.payload->>'plan', 'attempts', j.attempts,
	'blocked_by', blocker.id,
	'created_at', iso8601(j.created_at),
	'last_error', j.last_error)
FROM (
	SELECT *
	FROM jobs
	WHERE ($1::bigint IS NULL OR id = $1)
		AND ($2::text IS NULL OR kind = $2)
		AND ($3::text IS NULL OR resource IN (SELECT id FROM resources
			WHERE id = $4::uuid
				OR marketplace_id IN ($3, $4::text)
				OR provider_id IN ($3, $4::text)))
		AND (NOT $5::boolean OR run_at = 'infinity')
		AND ($6::boolean OR finished_at IS NULL)
	ORDER BY id DESC
	LIMIT $7::integer
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
				AND (other.id < j.id OR other.kind = 'exchange')
		END
	ORDER BY other.kind <> 'exchange', other.id
	LIMIT 1
) blocker ON true
CROSS JOIN LATERAL (
	SELECT CASE
		WHEN j.finished_at IS NOT NULL THEN 'done'
		WHEN j.lease_until >= now() THEN 'running'
		WHEN j.run_at = 'infinity' THEN 'gave-up'
		WHEN blocker.id IS NOT NULL THEN 'blocked'
		WHEN j.run_at > now() THEN 'waiting'
		ELSE 'due'
	END AS state
) status
ORDER BY j.id DESC
