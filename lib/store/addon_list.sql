-- List the add-ons that have resources which are not deprovisioned, or unfinished
-- jobs.  Returns the marketplace and the name of each.
--
-- The index on marketplace and add-on is searched once for each add-on, so the
-- number of resources does not matter.
WITH RECURSIVE known AS (
	(SELECT marketplace, addon
	FROM resources
	ORDER BY marketplace, addon
	LIMIT 1)
	UNION ALL
	SELECT next.marketplace, next.addon
	FROM known k, LATERAL (
		SELECT marketplace, addon
		FROM resources
		WHERE (marketplace, addon) > (k.marketplace, k.addon)
		ORDER BY marketplace, addon
		LIMIT 1
	) next
)
SELECT marketplace, addon
FROM known k
WHERE EXISTS (SELECT FROM resources r
		WHERE r.marketplace = k.marketplace AND r.addon = k.addon
			AND r.state IN ('provisioning', 'provisioned', 'suspended', 'kept',
				'deprovisioning', 'refused', 'abandoned', 'moved'))
	OR EXISTS (SELECT FROM jobs j
		WHERE j.addon = k.marketplace || '/' || k.addon
			AND j.finished_at IS NULL AND NOT j.follows)
