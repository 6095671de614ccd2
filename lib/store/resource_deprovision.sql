-- Deprovision resource $1 and write an event.  If $5, a job cleans up before its
-- secrets are erased (0006_personal_data.sql).  If $4, the marketplace's id may be
-- used again.  If $6 is not NULL, a provisioned resource is kept for $6 ms: a job
-- has the listener take it out of use, and the job that cleans up is due then.  If it
-- is NULL, that ends the time of a kept resource.  Returns a row; none if the
-- resource is gone already, is being restored, or is to be created by a move.
--
-- Nothing of a moved resource is cleaned up.  One that is being moved keeps its secrets
-- until the move ends, and is cleaned up if it keeps its content.  If it is the new
-- resource, a move that has not begun is undone; another one comes to its end first.
-- Other jobs of the resource are finished.  A leased one becomes due when its
-- lease is over, so that the clean-up need not wait longer.  If the statement
-- runs again after its reply was lost, it finds its own event.
WITH old AS (
	SELECT id, plan, state, moved_to, moved_at IS NOT NULL AS is_moved,
		($5::boolean OR moved_to IS NOT NULL) AND moved_at IS NULL AS waits,
		$6::float8 IS NOT NULL AND state IN ('provisioned', 'suspended') AS is_kept
	FROM resources
	WHERE id = $1 AND state NOT IN ('deprovisioning', 'deprovisioned')
		AND (state <> 'kept' OR $6 IS NULL AND NOT EXISTS (SELECT FROM jobs
			WHERE payload->>'from' = $1::uuid::text AND finished_at IS NULL
				AND kind = 'restore'))
		AND (state <> 'provisioning' OR NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND kind = 'move'))
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET state = CASE WHEN old.is_kept THEN 'kept'
			WHEN old.waits THEN 'deprovisioning'
			ELSE 'deprovisioned' END,
		marketplace_id = CASE WHEN NOT $4::boolean THEN r.marketplace_id END,
		former_marketplace_id = CASE WHEN $4::boolean
			AND (old.waits OR old.is_kept)
			THEN coalesce(r.former_marketplace_id, r.marketplace_id) END,
		kept_until = CASE WHEN old.is_kept THEN now() + $6 * interval '1 ms' END,
		callback_url = NULL, log_drain_token = NULL, log_drain_url = NULL,
		message = NULL, plan_message = NULL, marketplace_plan = NULL,
		version = r.version + 1, updated_at = now(),
		deprovisioned_at = coalesce(r.deprovisioned_at, now())
	FROM old
	WHERE r.id = old.id
	RETURNING r.id, r.state, r.kept_until
), overtaken AS (
	UPDATE jobs
	SET finished_at = CASE WHEN lease_until >= now()
			OR kind = 'move' AND attempts > 0 THEN NULL ELSE now() END,
		claim = CASE WHEN lease_until >= now() THEN claim END,
		run_at = now(), last_error = 'overtaken by a deprovision'
	WHERE resource = (SELECT id FROM old) AND finished_at IS NULL
	RETURNING resource, kind, payload, finished_at
), undone AS (
	SELECT resource AS target, (payload->>'from')::uuid AS source
	FROM overtaken
	WHERE kind = 'move' AND finished_at IS NOT NULL
),
\ir move_undone.inc.sql
queued AS (
	INSERT INTO jobs (kind, lane, resource, run_at)
	SELECT 'suspend', 'listener', id, now()
	FROM updated
	WHERE $5::boolean AND state = 'kept'
	UNION ALL
	SELECT 'deprovision', 'listener', id, coalesce(kept_until, now())
	FROM updated
	WHERE state IN ('kept', 'deprovisioning')
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT old.id, updated.state, $2, $3,
		jsonb_build_object('plan', old.plan, 'state', old.state),
		CASE WHEN old.is_kept
			THEN jsonb_build_object('until', iso8601(updated.kept_until))
			WHEN old.is_moved
			THEN jsonb_build_object('moved_to', old.moved_to) END
	FROM old JOIN updated USING (id)
	UNION ALL
	SELECT source, 'move-refused', $2, $3, NULL,
		jsonb_build_object('reason', 'the new resource is deprovisioned', 'to', target)
	FROM undone
)
SELECT id
FROM updated
UNION ALL
SELECT resource
FROM events
WHERE resource = $1 AND event IN ('kept', 'deprovisioning', 'deprovisioned')
	AND request_id = $3
