-- Replace the values $3 of column $1 in the grants of the resources $2 by $4,
-- where they are still the same.  Returns their number.
WITH updated AS (
	UPDATE grants g
	SET code = CASE $1 WHEN 'code'
			THEN given.new ELSE g.code END,
		access_token = CASE $1 WHEN 'access_token'
			THEN given.new ELSE g.access_token END,
		refresh_token = CASE $1 WHEN 'refresh_token'
			THEN given.new ELSE g.refresh_token END,
		previous_refresh_token = CASE $1 WHEN 'previous_refresh_token'
			THEN given.new ELSE g.previous_refresh_token END
	FROM unnest($2::uuid[], $3::text[], $4::text[]) given (id, old, new)
	WHERE g.resource = given.id AND given.old = CASE $1
		WHEN 'code' THEN g.code
		WHEN 'access_token' THEN g.access_token
		WHEN 'refresh_token' THEN g.refresh_token
		WHEN 'previous_refresh_token' THEN g.previous_refresh_token END
	RETURNING 1
)
SELECT count(*)
FROM updated
