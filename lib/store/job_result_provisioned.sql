-- Finish job $1, claimed under $2: the resource has the config vars $5 and the
-- provider_id $8.  If $9 is not NULL, a job writes this line into the log of the
-- customer's app.  Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = $5, message = $6, log_drain_url = $7, provider_id = $8,
		version = version + 1, updated_at = now(),
		provisioned_at = CASE WHEN r.state = 'provisioning' THEN now()
			ELSE r.provisioned_at END,
		state = CASE WHEN r.state = 'provisioning' THEN 'provisioned'
			ELSE r.state END
	FROM finished
	WHERE r.id = finished.id AND r.state <> 'deprovisioned'
	RETURNING r.state
), logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', id, jsonb_build_object('line', $9::text)
	FROM finished
	WHERE $9::text IS NOT NULL AND state = 'provisioning'
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'provisioned', $3, $4, NULL, jsonb_build_object('plan', plan)
	FROM finished
	WHERE state = 'provisioning'
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
