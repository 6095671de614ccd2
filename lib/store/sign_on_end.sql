-- End the session of resource $1 that was issued at $2, in microseconds since
-- 1970, for request $3.  Its digest is stored until the session expires at $4,
-- in seconds since 1970.
WITH expired AS (
	DELETE FROM used_sign_on_tokens
	WHERE expires_at < now() - interval '1min'
)
INSERT INTO used_sign_on_tokens (digest, request_id, expires_at)
VALUES (encode(sha256(convert_to(concat_ws(' ', 'session', $1::uuid, $2::bigint),
	'UTF8')), 'hex'), $3, to_timestamp($4::float8))
ON CONFLICT (digest) DO NOTHING
