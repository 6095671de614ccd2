-- Count what is left to do for add-on $2 at marketplace $1.  Returns the number of
-- its live resources, of those whose end is not complete, and of its unfinished
-- jobs, and for how many seconds the oldest of these jobs has existed.
SELECT count(*) FILTER (WHERE state IN ('provisioning', 'provisioned', 'suspended', 'moved')),
	count(*) FILTER (WHERE state NOT IN
		('provisioning', 'provisioned', 'suspended', 'moved')),
	(SELECT count(*) FROM jobs
		WHERE addon = $1 || '/' || $2 AND finished_at IS NULL
			AND timed_at > '-infinity'),
	(SELECT greatest(extract(epoch FROM now() - min(created_at)), 0)::bigint
		FROM jobs
		WHERE addon = $1 || '/' || $2 AND finished_at IS NULL
			AND timed_at > '-infinity')
FROM resources
WHERE marketplace = $1 AND addon = $2 AND state IN ('provisioning',
	'provisioned', 'suspended', 'kept', 'deprovisioning', 'refused', 'abandoned', 'moved')
