-- Use up the tokens with the digests in $1, for request $2, until they expire in $3
-- ms, and a day longer (0004_sign_on.sql).  Returns true if no other request has used
-- one.
--
-- A second request finds the row of the first one and cannot update it.
WITH used AS (
	INSERT INTO used_digests (digest, request_id, expires_at)
	SELECT DISTINCT digest, $2, now() + $3::float8 * interval '1 ms'
	FROM unnest(string_to_array($1, ' ')) digest
	ORDER BY 1
	ON CONFLICT (digest) DO UPDATE
	SET request_id = excluded.request_id
	WHERE used_digests.request_id = excluded.request_id
	RETURNING digest
)
SELECT count(*) = (SELECT count(DISTINCT digest)
	FROM unnest(string_to_array($1, ' ')) digest)
FROM used
