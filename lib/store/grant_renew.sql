-- Store code $2 for resource $1, unless its grant has ended, has been exchanged or
-- has a code that expires later.  If $4, queue the exchange of the code.  The code
-- expires at $3, in seconds since 1970, or, if that is NULL, in five minutes,
-- as Heroku's codes do.
WITH renewed AS (
	UPDATE resources
	SET grant_code = $2, grant_code_expires_at = new.at
	FROM (SELECT coalesce(to_timestamp($3::float8),
		now() + interval '5 minutes') AS at) new
	WHERE id = $1 AND grant_ended_at IS NULL AND access_token IS NULL
		AND (grant_code IS NULL OR grant_code_expires_at < new.at)
	RETURNING id
)
INSERT INTO jobs (kind, lane, resource)
SELECT 'exchange', 'marketplace', id
FROM renewed
WHERE $4::boolean AND NOT EXISTS (SELECT FROM jobs
	WHERE resource = $1 AND kind = 'exchange' AND finished_at IS NULL)
