-- Write the event that a sign-on to resource $1 was refused for the reason $6, once for
-- request $2.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT r.id, 'sign-on-refused', 'customer', $2,
		jsonb_build_object('reason', $6::text)
	FROM resources r
	WHERE r.id = $1 AND NOT EXISTS (SELECT FROM events e
		WHERE e.resource = r.id AND e.event = 'sign-on-refused'
			AND e.request_id = $2)
	RETURNING id
),
\ir sign_on_person.inc.sql
SELECT
