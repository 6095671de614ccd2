-- Erase the code of resource $1, which has expired, and write an event.
WITH missed AS (
	UPDATE grants
	SET code = NULL, code_expires_at = NULL
	WHERE resource = $1 AND code IS NOT NULL
	RETURNING resource
)
INSERT INTO events (resource, event, actor)
SELECT resource, 'grant-missed', 'provisor-jobs'
FROM missed
