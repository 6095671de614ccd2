-- End all sessions of resource $1 and write an event, once for request $3.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT r.id, 'sessions-ended', $2, $3, jsonb_strip_nulls(jsonb_build_object(
		'user', $4::text, 'email', $5::text, 'address', $6::text,
		'reason', $7::text))
	FROM resources r
	WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
		WHERE e.resource = r.id AND e.event = 'sessions-ended'
			AND e.request_id = $3)
)
UPDATE resources
SET sessions_ended_at = greatest(sessions_ended_at, now())
WHERE id = $1
