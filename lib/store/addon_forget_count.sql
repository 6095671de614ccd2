-- Count what is left of add-on $1 at marketplace $2 (NULL: at each).  Returns a
-- row for each marketplace: its name, the resources, those that are live, those
-- whose end is not complete, unfinished jobs, and those that are running.
SELECT marketplace, count(*),
	count(*) FILTER (WHERE state IN ('provisioning', 'provisioned', 'suspended', 'moved')),
	count(*) FILTER (WHERE state IN ('kept', 'deprovisioning', 'refused', 'abandoned')),
	coalesce(sum(jobs.unfinished), 0), coalesce(sum(jobs.running), 0)
FROM resources r
LEFT JOIN LATERAL (
	SELECT count(*) AS unfinished,
		count(*) FILTER (WHERE lease_until >= now() OR kind = 'move')
			+ (SELECT count(*) FROM jobs
				WHERE payload->>'from' = r.id::text AND finished_at IS NULL
					AND kind IN ('restore', 'move')) AS running
	FROM jobs
	WHERE resource = r.id AND finished_at IS NULL
) jobs ON true
WHERE addon = $1 AND ($2::text IS NULL OR marketplace = $2)
GROUP BY marketplace
ORDER BY marketplace
