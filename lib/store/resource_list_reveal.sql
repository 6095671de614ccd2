-- Record in an event with the request id $3 that $2 sees the config vars of resource
-- $1.
INSERT INTO events (resource, event, actor, request_id)
VALUES ($1, 'config-revealed', $2, $3)
