-- Finish job $1, claimed under $2: the resource has new credentials, in the
-- config vars $5.  If $6, a job pushes them.  Returns the resource's state; no
-- row if the claim was lost.
\ir job_result_finish.inc.sql
\ir job_result_config.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'config-rotated', $3, $4, NULL, NULL
	FROM updated
	WHERE state IN ('provisioned', 'suspended')
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
