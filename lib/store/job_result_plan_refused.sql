-- Finish job $1, claimed under $2: the change to plan $5 is refused, with
-- the message $6, for the reason $7, which may be NULL.  If it was promised, the
-- marketplace has that plan nevertheless.  If $8 is not NULL, a job writes this line
-- into the log of the customer's app.  Returns the resource's state; no row if the
-- claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET marketplace_plan = $5, version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND finished.is_promised
		AND r.state IN ('provisioned', 'suspended')
), logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', id, jsonb_build_object('line', $8::text)
	FROM finished
	WHERE $8::text IS NOT NULL AND state IN ('provisioned', 'suspended')
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'plan-change-refused', $3, $4,
		jsonb_build_object('plan', plan),
		jsonb_strip_nulls(jsonb_build_object('plan', $5::text,
			'message', $6::text, 'reason', $7::text,
			'is_promised', nullif(is_promised, false)))
	FROM finished
	WHERE state IN ('provisioned', 'suspended')
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
