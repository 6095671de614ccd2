-- Write the event that a customer has signed on to resource $1, once for request
-- $3.  Returns its time, in microseconds since 1970; no row if the resource does
-- not exist.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT r.id, 'signed-on', $2, $3, jsonb_strip_nulls(jsonb_build_object(
		'user', $4::text, 'email', $5::text, 'address', $6::text,
		'reason', $7::text))
	FROM resources r
	WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
		WHERE e.resource = r.id AND e.event = 'signed-on'
			AND e.request_id = $3)
	RETURNING at
)
SELECT (extract(epoch FROM at) * 1000000)::bigint
FROM (
	SELECT at
	FROM event
	UNION ALL
	SELECT at
	FROM events
	WHERE resource = $1 AND event = 'signed-on' AND request_id = $3
) signed_on
