-- Replace the values $3 of column $1 in the grants of the resources $2 by $4,
-- where they are still the same.  Returns their number.
WITH updated AS (
	UPDATE grants g
	SET code = CASE $1 WHEN 'code'
			THEN given.new ELSE g.code END,
		access = CASE $1 WHEN 'access'
			THEN given.new ELSE g.access END,
		refresh = CASE $1 WHEN 'refresh'
			THEN given.new ELSE g.refresh END,
		previous_refresh = CASE $1 WHEN 'previous_refresh'
			THEN given.new ELSE g.previous_refresh END
	FROM unnest($2::uuid[], $3::text[], $4::text[]) given (id, old, new)
	WHERE g.resource = given.id AND given.old = CASE $1
		WHEN 'code' THEN g.code
		WHEN 'access' THEN g.access
		WHEN 'refresh' THEN g.refresh
		WHEN 'previous_refresh' THEN g.previous_refresh END
	RETURNING 1
)
SELECT count(*)
FROM updated
