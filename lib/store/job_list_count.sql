-- Count unfinished jobs: all, those that have given up, those that have been
-- due for a minute (and the time when the first of them was due), grants missed
-- in the last seven days, and marketplace jobs that failed ten times and are
-- still tried.  Returns one row.
--
-- job_claim_next.sql decides which jobs block another.
SELECT count(*),
	count(*) FILTER (WHERE run_at = 'infinity'),
	count(*) FILTER (WHERE is_overdue),
	iso8601(min(due_at) FILTER (WHERE is_overdue)),
	(SELECT count(*) FROM events
		WHERE event = 'grant-missed' AND at > now() - interval '7 days'),
	count(*) FILTER (WHERE attempts >= 10 AND run_at <> 'infinity'
		AND lane = 'marketplace')
FROM (
	SELECT run_at, due_at, attempts, lane,
		due_at < now() - interval '1 minute' AND NOT EXISTS (
			SELECT
			FROM jobs other
			WHERE other.resource = j.resource
				AND other.finished_at IS NULL AND other.id <> j.id
				AND CASE j.kind WHEN 'exchange'
					THEN other.lane = 'marketplace'
						AND other.lease_until >= now()
					ELSE other.lane = j.lane
						AND (other.id < j.id OR other.kind = 'exchange')
				END
		) AS is_overdue
	FROM (
		SELECT *, greatest(run_at, lease_until) AS due_at
		FROM jobs
		WHERE finished_at IS NULL
	) j
) unfinished
