-- Queue the line $2 for the log of the app that resource $1 belongs to.
INSERT INTO jobs (kind, lane, resource, payload)
VALUES ('write-log', 'marketplace', $1, jsonb_build_object('line', $2::text))
