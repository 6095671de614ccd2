-- Find the resource $1 of the session that began with event $4.  Returns one row;
-- none if the session has ended.
--
-- The event is missing if the database has lost it, in a failover or restore; then
-- a later event may end all sessions and have a smaller number.  Only its id is in
-- a WHERE clause, because the planner could find the other columns in another index,
-- which it reads as a whole.
SELECT id, marketplace_id, provider_id, name, plan, region, state,
	to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	to_char(provisioned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	config
FROM resources
WHERE id = $1 AND marketplace = $2 AND addon = $3
	AND state IN ('provisioning', 'provisioned', 'suspended')
	AND (sessions_ended_by IS NULL OR sessions_ended_by < $4)
	AND (SELECT resource = $1 AND event = 'signed-on'
		FROM events WHERE id = $4)
	AND NOT EXISTS (SELECT FROM used_digests
		WHERE digest = encode(sha256(convert_to(concat_ws(' ', 'session', $1::uuid,
			$4::bigint), 'UTF8')), 'hex'))
