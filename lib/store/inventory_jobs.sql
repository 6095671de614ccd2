-- Count unfinished jobs, of up to $1, by kind and state (job_list.h).  Returns for each
-- kind and state the number, and for how many seconds the first job of these has been
-- due.
SELECT kind, state, count(*),
	coalesce(max(extract(epoch FROM now() - due_at))
		FILTER (WHERE state = 'due'), 0)::bigint
FROM (
	SELECT kind, greatest(run_at, lease_until) AS due_at, CASE
		WHEN lease_until >= now() THEN 'running'
		WHEN run_at = 'infinity' AND epoch <> current.id THEN 'held'
		WHEN run_at = 'infinity' THEN 'gave-up'
		WHEN follows THEN 'blocked'
		WHEN run_at > now() THEN 'waiting'
		ELSE 'due'
	END AS state
	FROM (SELECT database_epoch() AS id OFFSET 0) current, (
		SELECT kind, run_at, lease_until, epoch, follows
		FROM jobs
		WHERE finished_at IS NULL AND timed_at > '-infinity'
		LIMIT $1::integer
	) j
) unfinished
GROUP BY kind, state
