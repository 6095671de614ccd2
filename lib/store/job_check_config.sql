-- Queue a check of the config vars that the marketplace has for resource $1.  It
-- is due in 5 minutes, also if one that has not begun is queued already.
WITH locked AS (
	SELECT id
	FROM resources
	WHERE id = $1
	FOR NO KEY UPDATE
), pending AS (
	UPDATE jobs j
	SET run_at = now() + interval '5 minutes'
	WHERE j.resource = (SELECT id FROM locked) AND j.kind = 'check-config'
		AND j.finished_at IS NULL
		AND (j.lease_until IS NULL OR j.lease_until < now())
	RETURNING j.id
)
INSERT INTO jobs (kind, lane, resource, run_at)
SELECT 'check-config', 'marketplace', id, now() + interval '5 minutes'
FROM locked
WHERE NOT EXISTS (SELECT FROM pending)
