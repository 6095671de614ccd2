-- Write the event that a customer has signed on to resource $1, once for request
-- $2.  Returns its id; no row if the resource does not exist.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT r.id, 'signed-on', 'customer', $2
	FROM resources r
	WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
		WHERE e.resource = r.id AND e.event = 'signed-on'
			AND e.request_id = $2)
	RETURNING id
),
\ir sign_on_person.inc.sql
SELECT id
FROM event
UNION ALL
SELECT id
FROM events
WHERE resource = $1 AND event = 'signed-on' AND request_id = $2
