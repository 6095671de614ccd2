-- Finish job $1, claimed under $2: the resource has the content of resource $7, with the
-- config vars $5.  If $6, a job pushes them.  Resource $7 stays until its marketplace
-- deprovisions it or, if that has happened, becomes a tombstone; its jobs are finished:
-- nothing of it is left to clean up.  Returns the state of the resource; no row if the
-- claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = $5,
		provisioned_at = CASE WHEN r.state = 'provisioning' THEN now()
			ELSE r.provisioned_at END,
		state = CASE WHEN r.state = 'provisioning' THEN 'provisioned'
			ELSE r.state END,
		version = r.version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state <> 'deprovisioned'
	RETURNING r.id, r.state
), to_push AS (
	SELECT id FROM updated WHERE $6::boolean AND state IN ('provisioned', 'suspended')
),
\ir job_push_config.inc.sql
source AS (
	UPDATE resources r
	SET state = CASE r.state WHEN 'deprovisioning' THEN 'deprovisioned'
			ELSE r.state END,
		moved_at = now(), version = r.version + 1, updated_at = now()
	FROM finished
	WHERE r.id = $7 AND r.state IN ('moved', 'deprovisioning')
	RETURNING r.id, r.state, finished.id AS moved_to
), ended AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'its resource was moved'
	WHERE resource = (SELECT id FROM source) AND finished_at IS NULL
), event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, 'moved', $3, $4, jsonb_build_object('from', $7::uuid)
	FROM finished
	UNION ALL
	SELECT id, 'moved', $3, $4, jsonb_build_object('to', moved_to)
	FROM source
	UNION ALL
	SELECT id, state, $3, $4, jsonb_build_object('moved_to', moved_to)
	FROM source
	WHERE state = 'deprovisioned'
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
