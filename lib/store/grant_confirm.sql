-- Erase the previous refresh token of resource $1.
UPDATE grants
SET previous_refresh = NULL
WHERE resource = $1 AND previous_refresh IS NOT NULL
