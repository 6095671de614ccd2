-- Find jobs that keep failing, by add-on and kind: those that were tried $1 times and
-- are still retried.  A listener may report for long that a resource is not ready yet,
-- so its jobs count only after $2 seconds.  At most $3 jobs are counted.  Returns
-- marketplace, add-on, kind, lane, the number of jobs, the most attempts of one, for
-- how many seconds the first has been unfinished, and since when.
--
-- Jobs that have failed three times have an odd rank (0002_jobs.sql).
SELECT split_part(addon, '/', 1), split_part(addon, '/', 2), kind, lane, count(*),
	max(attempts), extract(epoch FROM now() - min(created_at))::bigint,
	iso8601(min(created_at))
FROM (
	SELECT addon, kind, lane, attempts, created_at
	FROM jobs
	WHERE finished_at IS NULL AND NOT follows AND rank IN (1, 3, 5)
		AND attempts >= $1::integer AND run_at <> 'infinity'
		AND (lane = 'marketplace'
			OR created_at < now() - $2::float8 * interval '1 s')
	LIMIT $3::integer
) failing
GROUP BY addon, kind, lane
ORDER BY addon, kind
