-- Replace the values $3 of column $1 in the resources $2 by $4, where they are
-- still the same.  Returns their number.
WITH updated AS (
	UPDATE resources r
	SET config = CASE $1 WHEN 'config'
			THEN given.new ELSE r.config END,
		log_input_url = CASE $1 WHEN 'log_input_url'
			THEN given.new ELSE r.log_input_url END,
		log_drain_url = CASE $1 WHEN 'log_drain_url'
			THEN given.new ELSE r.log_drain_url END
	FROM unnest($2::uuid[], $3::text[], $4::text[]) given (id, old, new)
	WHERE r.id = given.id AND given.old = CASE $1
		WHEN 'config' THEN r.config
		WHEN 'log_input_url' THEN r.log_input_url
		WHEN 'log_drain_url' THEN r.log_drain_url END
	RETURNING 1
)
SELECT count(*)
FROM updated
