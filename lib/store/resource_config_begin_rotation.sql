-- Queue a rotation of the credentials of resource $1, whose version is $2, and
-- write an event.  Returns a row; none if the resource has changed, is not
-- provisioned or has a listener job.
\ir resource_take_version.inc.sql
, event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, 'rotation-requested', $4, $5,
		jsonb_build_object('overlap', $3::integer)
	FROM resource
)
INSERT INTO jobs (kind, lane, resource, payload)
SELECT 'rotate', 'listener', id, jsonb_build_object('overlap', $3::integer)
FROM resource
RETURNING id
