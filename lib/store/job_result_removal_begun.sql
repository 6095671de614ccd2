-- Job $1, claimed under $2, is about to clean up a kept resource, whose version is $5:
-- from now on, it cannot be restored.  Returns the resource's state: it is still kept
-- if its time is not over, if it is being restored, or if it has changed.  No row if
-- the claim was lost.
--
-- A restore increments the version, so that one that began since is not overlooked.
\ir job_result_lock.inc.sql
updated AS (
	UPDATE resources r
	SET state = 'deprovisioning', kept_until = NULL,
		version = r.version + 1, updated_at = now()
	FROM locked
	WHERE r.id = locked.id AND r.state = 'kept' AND r.version = $5
		AND r.kept_until <= now() AND NOT EXISTS (SELECT FROM jobs
			WHERE payload->>'from' = (SELECT id::text FROM locked)
				AND finished_at IS NULL AND kind = 'restore')
	RETURNING r.id, r.state
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before)
	SELECT id, state, $3, $4, jsonb_build_object('state', 'kept')
	FROM updated
)
SELECT coalesce((SELECT state FROM updated), state) FROM locked
