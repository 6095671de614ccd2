-- Erase the previous refresh token of resource $1.
UPDATE resources
SET previous_refresh_token = NULL
WHERE id = $1 AND previous_refresh_token IS NOT NULL
