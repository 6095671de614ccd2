-- Find the resource $1 of a session that was issued at $4, in microseconds
-- since 1970.  Returns one row; none if the session has ended.
SELECT id, provider_id, name, plan, region, state,
	to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	to_char(provisioned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
	config
FROM resources
WHERE id = $1 AND marketplace = $2 AND addon = $3
	AND state IN ('provisioning', 'provisioned')
	AND (sessions_ended_at IS NULL
		OR sessions_ended_at < 'epoch'::timestamptz + $4::bigint * interval '1us')
	AND NOT EXISTS (SELECT FROM used_sign_on_tokens
		WHERE digest = encode(sha256(convert_to(concat_ws(' ', 'session', $1::uuid,
			$4::bigint), 'UTF8')), 'hex'))
