-- Finish job $1 without carrying it out, for the operator $2, and write an
-- event with the request id $3.  Returns the state of its resource; no row if the job is leased or
-- finished.
--
-- The resource is locked before the job, as everywhere.  If a deprovision has
-- overtaken the job, nothing is erased, because the clean-up needs the config
-- vars.  A promised resource is refused, and a job reports that to the
-- marketplace; if the resource exists already, another job cleans up.  The
-- marketplace of a promised plan change has the new plan.  A move is undone.
WITH locked AS (
	SELECT r.id, r.state, r.promised_at
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1
	FOR NO KEY UPDATE OF r
), cancelled AS (
	UPDATE jobs j
	SET finished_at = now(), claim = NULL, last_error = 'cancelled by ' || $2
	FROM locked
	WHERE j.id = $1 AND j.finished_at IS NULL
		AND (j.lease_until IS NULL OR j.lease_until < now())
	RETURNING j.id, j.kind, locked.id AS resource, locked.state, j.payload,
		locked.promised_at IS NOT NULL AS is_promised,
		CASE WHEN j.kind = 'change-plan' AND j.promised_at IS NOT NULL
			THEN j.payload->>'plan' END AS promised_plan
), undone AS (
	SELECT resource AS target, (payload->>'from')::uuid AS source
	FROM cancelled
	WHERE kind = 'move'
),
\ir move_undone.inc.sql
new AS (
	SELECT resource, kind, CASE
		WHEN kind IN ('provision', 'complete') AND state = 'provisioning'
			AND is_promised
		THEN 'refused'
		WHEN kind = 'provision' AND state = 'provisioning'
		THEN 'abandoned'
		WHEN kind = 'deprovision' AND state = 'deprovisioning'
		THEN 'deprovisioned'
		WHEN kind = 'deprovision' AND state = 'refused'
		THEN 'refused'
	END AS state
	FROM cancelled
), updated AS (
	UPDATE resources r
	SET state = new.state,
		config = CASE WHEN new.kind = 'complete' THEN r.config END,
		message = CASE WHEN new.kind <> 'deprovision' AND new.state = 'refused'
			THEN 'The resource could not be provisioned.'
			ELSE r.message END,
		version = r.version + 1, updated_at = now()
	FROM new
	WHERE r.id = new.resource AND new.state IS NOT NULL
	RETURNING r.id, r.state, new.kind
), broken AS (
	UPDATE resources r
	SET marketplace_plan = cancelled.promised_plan, version = r.version + 1,
		updated_at = now()
	FROM cancelled
	WHERE r.id = cancelled.resource AND cancelled.promised_plan IS NOT NULL
		AND r.state IN ('provisioned', 'suspended')
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'withdraw', 'marketplace', id FROM updated
		WHERE state = 'refused' AND kind <> 'deprovision'
	UNION ALL
	SELECT 'deprovision', 'listener', id FROM updated
		WHERE kind = 'complete'
)
INSERT INTO events (resource, event, actor, request_id, before, after)
SELECT cancelled.resource, 'job-cancelled', $2, $3,
	jsonb_build_object('job', cancelled.id, 'kind', cancelled.kind,
		'state', cancelled.state),
	jsonb_build_object('state', coalesce(updated.state, undone_target.state,
		cancelled.state))
FROM cancelled LEFT JOIN updated ON true LEFT JOIN undone_target ON true
RETURNING after->>'state'
