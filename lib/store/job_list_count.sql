-- Count unfinished jobs: all, those that have given up, those that have been
-- due for a minute (and the time when the first of them was due).  Returns one row.
--
-- job_claim_next.sql decides which jobs block another.
SELECT count(*),
	count(*) FILTER (WHERE run_at = 'infinity' AND epoch = database_epoch()),
	count(*) FILTER (WHERE is_overdue),
	iso8601(min(due_at) FILTER (WHERE is_overdue))
FROM (
	SELECT run_at, due_at, epoch,
		NOT follows AND due_at < now() - interval '1 minute' AS is_overdue
	FROM (
		SELECT *, greatest(run_at, lease_until) AS due_at
		FROM jobs
		WHERE finished_at IS NULL AND timed_at > '-infinity'
	) j
) unfinished
