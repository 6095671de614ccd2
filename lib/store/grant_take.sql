-- Store the tokens that resource $1 got for its code or refresh token.
UPDATE grants
SET code = NULL, code_expires_at = NULL,
	access = $2, refresh = $3, previous_refresh = $4,
	expires_at = now() + $5::float8 * interval '1 s'
WHERE resource = $1
