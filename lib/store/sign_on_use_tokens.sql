-- Use up the tokens with the digests in $1, for request $2, until they expire at
-- $3, and delete expired ones.  Returns true if no other request has used one.
--
-- A second request finds the row of the first one and cannot update it.
WITH expired AS (
	DELETE FROM used_sign_on_tokens
	WHERE expires_at < now() - interval '1min'
), used AS (
	INSERT INTO used_sign_on_tokens (digest, request_id, expires_at)
	SELECT DISTINCT digest, $2, to_timestamp($3::float8)
	FROM unnest(string_to_array($1, ' ')) digest
	ORDER BY 1
	ON CONFLICT (digest) DO UPDATE
	SET request_id = excluded.request_id
	WHERE used_sign_on_tokens.request_id = excluded.request_id
	RETURNING digest
)
SELECT count(*) = (SELECT count(DISTINCT digest)
	FROM unnest(string_to_array($1, ' ')) digest)
FROM used
