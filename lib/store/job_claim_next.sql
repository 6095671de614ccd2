-- Claim the next job that is due and that no earlier job of its resource and lane
-- blocks.  Returns the job; no row if none is due.
--
-- The exchange of a grant comes first: its code is valid for minutes, and other
-- jobs may be waiting for the token.  After three attempts, it waits its turn.
WITH exchange AS (
	SELECT id
	FROM jobs
	WHERE finished_at IS NULL AND run_at <= now()
		AND (lease_until IS NULL OR lease_until < now())
		AND kind = 'exchange' AND attempts < 3
		AND NOT EXISTS (SELECT FROM jobs other
			WHERE other.resource = jobs.resource AND other.id <> jobs.id
				AND other.finished_at IS NULL
				AND other.lease_until >= now() AND other.lane = 'marketplace')
	ORDER BY run_at
	LIMIT 1
	FOR UPDATE SKIP LOCKED
), next AS (
	SELECT id
	FROM jobs
	WHERE finished_at IS NULL AND run_at <= now()
		AND (lease_until IS NULL OR lease_until < now())
		AND CASE kind WHEN 'exchange' THEN NOT EXISTS (SELECT FROM jobs other
			WHERE other.resource = jobs.resource AND other.id <> jobs.id
				AND other.finished_at IS NULL
				AND other.lease_until >= now() AND other.lane = 'marketplace')
		ELSE NOT EXISTS (SELECT FROM jobs other
			WHERE other.resource = jobs.resource
				AND other.finished_at IS NULL
				AND (other.id < jobs.id OR other.kind = 'exchange')
				AND other.lane = jobs.lane)
		END
	ORDER BY run_at
	LIMIT 1
	FOR UPDATE SKIP LOCKED
)
UPDATE jobs j
SET claim = $1, attempts = j.attempts + 1,
	lease_until = now() + $2::float8 * interval '1 ms'
WHERE j.id = coalesce((SELECT id FROM exchange), (SELECT id FROM next))
RETURNING
\ir job_columns.inc.sql
