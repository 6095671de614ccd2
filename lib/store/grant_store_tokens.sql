-- Store the tokens that resource $1 got for its code or refresh token, and erase
-- the code.
UPDATE grants
SET code = NULL, code_expires_at = NULL,
	access_token = $2, refresh_token = $3, previous_refresh_token = $4,
	access_token_expires_at = now() + $5::float8 * interval '1 s'
WHERE resource = $1
