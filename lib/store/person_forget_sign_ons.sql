-- Erase the person with e-mail address $1 from the events after $2 to $3, which stay,
-- for the operator $4.  A new event of each resource has their number.  Returns it.
WITH gone AS (
	SELECT forget_person($1, $2::bigint, $3::bigint) AS event
), event AS (
	INSERT INTO events (resource, event, actor, after)
	SELECT e.resource, 'person-forgotten', $4,
		jsonb_build_object('events', count(*))
	FROM gone JOIN events e ON e.id = gone.event
	GROUP BY e.resource
)
SELECT count(*)
FROM gone
