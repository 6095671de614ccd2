-- Undo the move in undone (target, source), unless it is complete.  The source is in use
-- again or, if its marketplace has deprovisioned it since, is cleaned up now.  A target
-- that the move was to create is a tombstone, and its ids may be used again.
undone_source AS (
	UPDATE resources r
	SET state = CASE r.state WHEN 'moved' THEN 'provisioned' ELSE r.state END,
		moved_to = NULL, version = r.version + 1, updated_at = now()
	FROM undone
	WHERE r.id = undone.source AND r.state IN ('moved', 'deprovisioning')
		AND r.moved_at IS NULL
	RETURNING r.id
), undone_clean_up AS (
	UPDATE jobs
	SET run_at = now()
	WHERE resource = (SELECT id FROM undone_source) AND finished_at IS NULL
		AND kind = 'deprovision' AND (lease_until IS NULL OR lease_until < now())
), undone_target AS (
	UPDATE resources r
	SET state = 'deprovisioned', marketplace_id = NULL, provider_id = r.id::text,
		name = NULL, version = r.version + 1, updated_at = now()
	FROM undone
	WHERE r.id = undone.target AND r.state = 'provisioning'
	RETURNING r.id, r.state
),
