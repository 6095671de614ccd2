-- Count unfinished jobs: all, those that have given up, those that have been
-- due for a minute (and the time when the first of them was due); and the live
-- resources whose grant was missed in the last seven days, and which have got no
-- other since.  Returns one row.
--
-- job_claim_next.sql decides which jobs block another.
SELECT count(*),
	count(*) FILTER (WHERE run_at = 'infinity' AND epoch = database_epoch()),
	count(*) FILTER (WHERE is_overdue),
	iso8601(min(due_at) FILTER (WHERE is_overdue)),
	(SELECT count(DISTINCT e.resource)
		FROM events e
		JOIN resources r ON r.id = e.resource
		WHERE e.event = 'grant-missed' AND e.at > now() - interval '7 days'
			AND r.state IN ('provisioning', 'provisioned', 'suspended')
			AND r.access_token IS NULL)
FROM (
	SELECT run_at, due_at, epoch,
		NOT follows AND due_at < now() - interval '1 minute' AS is_overdue
	FROM (
		SELECT *, greatest(run_at, lease_until) AS due_at
		FROM jobs
		WHERE finished_at IS NULL AND timed_at > '-infinity'
	) j
) unfinished
