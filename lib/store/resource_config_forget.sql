-- Erase sealed values of resource $1, whose version is $2: if $3, the config
-- vars; if $4, the log drain's URL; if $5, the URL of the customer's log; if $6, the
-- options; if $9, the token of the customer's log.  Write an event.  Returns a row;
-- none if the resource has changed, is not provisioned
-- or has a listener job.
WITH updated AS (
	UPDATE resources
	SET config = CASE WHEN NOT $3::boolean THEN config END,
		log_drain_url = CASE WHEN NOT $4::boolean THEN log_drain_url END,
		log_input_url = CASE WHEN NOT $5::boolean THEN log_input_url END,
		options = CASE WHEN NOT $6::boolean THEN options END,
		logplex_token = CASE WHEN NOT $9::boolean THEN logplex_token END,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT id, 'unreadable-erased', $7, $8, jsonb_build_object('config', $3::boolean,
	'log_drain_url', $4::boolean, 'log_input_url', $5::boolean, 'options', $6::boolean,
	'logplex_token', $9::boolean)
FROM updated
RETURNING id
