-- Finish job $1, claimed under $2: the marketplace cannot be asked whether it
-- expects the resource, for the reason $5.  Returns the resource's state; no row if
-- the claim was lost.
\ir job_result_finish.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, 'unconfirmed', $3, $4, jsonb_build_object('reason', $5::text)
	FROM finished
	WHERE state IN ('provisioned', 'suspended')
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
