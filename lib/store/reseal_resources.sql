-- Replace the values $3 of column $1 in the resources $2 by $4, where they are
-- still the same.  Returns their number.
WITH updated AS (
	UPDATE resources r
	SET config = CASE $1 WHEN 'config'
			THEN given.new ELSE r.config END,
		log_input_url = CASE $1 WHEN 'log_input_url'
			THEN given.new ELSE r.log_input_url END,
		log_drain_url = CASE $1 WHEN 'log_drain_url'
			THEN given.new ELSE r.log_drain_url END,
		grant_code = CASE $1 WHEN 'grant_code'
			THEN given.new ELSE r.grant_code END,
		access_token = CASE $1 WHEN 'access_token'
			THEN given.new ELSE r.access_token END,
		refresh_token = CASE $1 WHEN 'refresh_token'
			THEN given.new ELSE r.refresh_token END,
		previous_refresh_token = CASE $1 WHEN 'previous_refresh_token'
			THEN given.new ELSE r.previous_refresh_token END,
		options = CASE $1 WHEN 'options'
			THEN given.new ELSE r.options END,
		logplex_token = CASE $1 WHEN 'logplex_token'
			THEN given.new ELSE r.logplex_token END
	FROM unnest($2::uuid[], $3::text[], $4::text[]) given (id, old, new)
	WHERE r.id = given.id AND given.old = CASE $1
		WHEN 'config' THEN r.config
		WHEN 'log_input_url' THEN r.log_input_url
		WHEN 'log_drain_url' THEN r.log_drain_url
		WHEN 'grant_code' THEN r.grant_code
		WHEN 'access_token' THEN r.access_token
		WHEN 'refresh_token' THEN r.refresh_token
		WHEN 'previous_refresh_token' THEN r.previous_refresh_token
		WHEN 'options' THEN r.options
		WHEN 'logplex_token' THEN r.logplex_token END
	RETURNING 1
)
SELECT count(*)
FROM updated
