-- Record event $2 of resource $1, which $3 has caused, with $5 (JSON or NULL).
INSERT INTO events (resource, event, actor, request_id, after)
VALUES ($1, $2, $3, $4, $5::jsonb)
