-- Finish job $1, claimed under $2: the resource has plan $5 and config vars
-- $6.  If $10, a job pushes them.  If $11, the marketplace has the plan, too.  If $12
-- is not NULL, a job writes this line into the log of the customer's app, after the
-- push.  Returns the state that the resource had; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = $6,
		plan = CASE WHEN r.state IN ('provisioned', 'suspended') THEN $5 ELSE r.plan END,
		marketplace_plan = CASE WHEN NOT $11::boolean THEN r.marketplace_plan END,
		plan_message = CASE WHEN r.state IN ('provisioned', 'suspended') THEN $7 END,
		log_drain_url = CASE WHEN r.state IN ('provisioned', 'suspended') THEN $8 END,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state <> 'deprovisioned'
	RETURNING r.id, r.state
), to_push AS (
	SELECT id FROM updated WHERE $10::boolean AND state IN ('provisioned', 'suspended')
),
\ir job_push_config.inc.sql
logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', updated.id, jsonb_build_object('line', $12::text)
	FROM updated LEFT JOIN queued ON true
	WHERE $12::text IS NOT NULL AND state IN ('provisioned', 'suspended')
),
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, $9, $3, $4, jsonb_build_object('plan', plan),
		jsonb_build_object('plan', $5::text)
	FROM finished
	WHERE state IN ('provisioned', 'suspended')
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
