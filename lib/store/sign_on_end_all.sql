-- End all sessions of resource $1 and write an event, once for request $2.  $6 is the
-- actor, and only a customer has an address $5.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT r.id, 'sessions-ended', $6, $2
	FROM resources r
	WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
		WHERE e.resource = r.id AND e.event = 'sessions-ended'
			AND e.request_id = $2)
	RETURNING id
), person AS (
	INSERT INTO event_people (event, user_id, email, address)
	SELECT id, $3, $4, $5
	FROM event
	WHERE $6 = 'customer'
)
UPDATE resources
SET sessions_ended_by = greatest(sessions_ended_by, event.id)
FROM event
WHERE resources.id = $1
