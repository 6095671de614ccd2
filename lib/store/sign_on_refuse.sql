-- Write the event that a sign-on to resource $1 was refused, once for request $3.
INSERT INTO events (resource, event, actor, request_id, after)
SELECT r.id, 'sign-on-refused', $2, $3, jsonb_strip_nulls(jsonb_build_object(
	'user', $4::text, 'email', $5::text, 'address', $6::text,
	'reason', $7::text))
FROM resources r
WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
	WHERE e.resource = r.id AND e.event = 'sign-on-refused'
		AND e.request_id = $3)
