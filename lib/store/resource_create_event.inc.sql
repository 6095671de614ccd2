-- Write the event of the resource that resource_create.inc.sql has created.
INSERT INTO events (resource, event, actor, request_id, after)
SELECT id, state, $21, $22, $23::jsonb
FROM created
