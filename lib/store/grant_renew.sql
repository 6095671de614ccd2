-- Store code $2 for resource $1, unless its grant has been exchanged or has a
-- code that expires later.  If $4, queue the exchange of the code.  The code
-- expires at $3, in seconds since 1970, or, if that is NULL, in five minutes,
-- as Heroku's codes do.
WITH renewed AS (
	UPDATE grants
	SET code = $2, code_expires_at = new.at
	FROM (SELECT coalesce(to_timestamp($3::float8),
		now() + interval '5 minutes') AS at) new
	WHERE resource = $1 AND access_token IS NULL
		AND (code IS NULL OR code_expires_at < new.at)
	RETURNING resource
)
INSERT INTO jobs (kind, lane, resource)
SELECT 'exchange', 'marketplace', resource
FROM renewed
WHERE $4::boolean AND NOT EXISTS (SELECT FROM jobs
	WHERE resource = $1 AND kind = 'exchange' AND finished_at IS NULL)
