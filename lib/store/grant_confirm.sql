-- Erase the previous refresh token of resource $1.
UPDATE grants
SET previous_refresh_token = NULL
WHERE resource = $1 AND previous_refresh_token IS NOT NULL
