-- End the session of resource $1 that began with event $2, for request $3.  Its
-- digest is stored until the session expires in $4 ms, and a day longer
-- (0004_sign_on.sql).
INSERT INTO used_digests (digest, request_id, expires_at)
VALUES (encode(sha256(convert_to(concat_ws(' ', 'session', $1::uuid, $2::bigint),
	'UTF8')), 'hex'), $3,
	now() + $4::float8 * interval '1 ms')
ON CONFLICT (digest) DO NOTHING
