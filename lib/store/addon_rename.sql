-- Give resources of add-on $2 at marketplace $1 to add-on $3 there, with their
-- jobs, for the operator $4, and write an event for each.  $5 is an array of
-- objects: id, old (its sealed values by column) and new (the same, sealed for
-- add-on $3).  Returns the number of resources.
--
-- A resource whose values have changed meanwhile, or which has a running job, is
-- left out.  The resource is locked before its jobs, as everywhere.
WITH old AS (
	SELECT r.id, given.new
	FROM jsonb_to_recordset($5::jsonb) AS given (id uuid, old jsonb, new jsonb)
	JOIN resources r ON r.id = given.id
	WHERE r.marketplace = $1 AND r.addon = $2
		AND given.old = jsonb_strip_nulls(jsonb_build_object(
			'config', r.config, 'log_input_url', r.log_input_url,
			'log_drain_url', r.log_drain_url, 'grant_code', r.grant_code,
			'access_token', r.access_token, 'refresh_token', r.refresh_token,
			'previous_refresh_token', r.previous_refresh_token,
			'options', r.options, 'logplex_token', r.logplex_token))
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = r.id AND finished_at IS NULL
				AND lease_until >= now())
	FOR NO KEY UPDATE OF r
), updated AS (
	UPDATE resources r
	SET addon = $3, config = old.new ->> 'config',
		log_input_url = old.new ->> 'log_input_url',
		log_drain_url = old.new ->> 'log_drain_url',
		grant_code = old.new ->> 'grant_code',
		access_token = old.new ->> 'access_token',
		refresh_token = old.new ->> 'refresh_token',
		previous_refresh_token = old.new ->> 'previous_refresh_token',
		options = old.new ->> 'options',
		logplex_token = old.new ->> 'logplex_token',
		version = r.version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
), moved AS (
	UPDATE jobs
	SET addon = $1 || '/' || $3
	FROM old
	WHERE resource = old.id AND finished_at IS NULL
), event AS (
	INSERT INTO events (resource, event, actor, before, after)
	SELECT id, 'addon-renamed', $4, jsonb_build_object('addon', $2::text),
		jsonb_build_object('addon', $3::text)
	FROM old
)
SELECT count(*) FROM old
