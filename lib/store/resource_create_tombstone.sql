-- Create the tombstone of a resource that was never provisioned, and write an
-- event.  If $8, a job cleans up.  Returns a row; none if one of its ids exists.
WITH created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		state, deprovisioned_at, grant_ended_at)
	VALUES ($1, $2, $3, $4, $5, CASE WHEN $8::boolean
		THEN 'deprovisioning' ELSE 'deprovisioned' END, now(), now())
	ON CONFLICT DO NOTHING
	RETURNING id
), event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT id, 'tombstone-created', $6, $7
	FROM created
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'deprovision', 'listener', id
	FROM created
	WHERE $8::boolean
)
SELECT id
FROM created
