-- Finish job $1, claimed under $2: the change to plan $5 is refused.  Returns
-- the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'plan-change-refused', $3, $4,
		jsonb_build_object('plan', plan),
		jsonb_build_object('plan', $5::text)
	FROM finished
	WHERE state = 'provisioned'
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
