-- End job $1, claimed under $2: the marketplace has the config vars of
-- version $5.  If the resource has another version now, the job is due again.
-- Returns the resource's state; no row if the claim was lost.
\ir job_result_lock.inc.sql
ended AS (
	UPDATE jobs j
	SET finished_at = CASE WHEN locked.version = $5 THEN now() END,
		run_at = now(), lease_until = NULL
	FROM locked
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	RETURNING locked.id, locked.state
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'config-pushed', $3, $4, NULL, NULL
	FROM ended
)
SELECT state FROM ended
