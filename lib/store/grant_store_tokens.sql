-- Store the tokens that resource $1 got for its code or refresh token, and erase
-- the code, unless the grant has ended.
UPDATE resources
SET grant_code = NULL, grant_code_expires_at = NULL,
	access_token = $2, refresh_token = $3, previous_refresh_token = $4,
	access_token_expires_at = now() + $5::float8 * interval '1 s'
WHERE id = $1 AND grant_ended_at IS NULL
