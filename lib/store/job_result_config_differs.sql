-- Finish job $1, claimed under $2: the marketplace has other config vars, so a job
-- pushes ours.  Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
to_push AS (
	SELECT id FROM finished WHERE state IN ('provisioned', 'suspended')
),
\ir job_push_config.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'config-differed', $3, $4, NULL, NULL
	FROM to_push
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
