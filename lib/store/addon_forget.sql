-- Forget up to $5 resources of add-on $1 at marketplace $2, for the operator $3:
-- each becomes a tombstone, without secrets and without data of its customer,
-- its jobs are finished, and an event is written.  If $4, the marketplace's id
-- may be used again.  Returns the number of resources.
--
-- A resource with a running job is left out: its process may be calling the
-- listener.  So is one that takes part in a restore or a move.  The resource is locked before its jobs, as everywhere.
WITH old AS (
	SELECT id, plan, state
	FROM resources r
	WHERE addon = $1 AND marketplace = $2
		AND (state <> 'deprovisioned' OR name IS NOT NULL
			OR EXISTS (SELECT FROM jobs
				WHERE resource = r.id AND finished_at IS NULL))
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = r.id AND finished_at IS NULL
				AND (lease_until >= now() OR kind = 'move'))
		AND NOT EXISTS (SELECT FROM jobs
			WHERE payload->>'from' = r.id::text AND finished_at IS NULL
				AND kind IN ('restore', 'move'))
	LIMIT $5::integer
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET state = 'deprovisioned',
		marketplace_id = CASE WHEN NOT $4::boolean THEN r.marketplace_id END,
		name = NULL, version = r.version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
), finished AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL,
		last_error = 'the add-on was forgotten by ' || $3
	FROM old
	WHERE resource = old.id AND finished_at IS NULL
), event AS (
	INSERT INTO events (resource, event, actor, before)
	SELECT id, 'forgotten', $3, jsonb_build_object('plan', plan, 'state', state)
	FROM old
)
SELECT count(*) FROM old
