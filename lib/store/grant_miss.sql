-- Erase the code of resource $1, which has expired, and write an event.
WITH missed AS (
	UPDATE resources
	SET grant_code = NULL, grant_code_expires_at = NULL
	WHERE id = $1 AND grant_code IS NOT NULL
	RETURNING id
)
INSERT INTO events (resource, event, actor)
SELECT id, 'grant-missed', 'provisor-jobs'
FROM missed
