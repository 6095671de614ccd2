-- Queue a push of the config vars of the resource in to_push, if there is one.  An
-- unfinished push is enough, because it ends only if the resource still has the
-- version that was pushed (job_result_pushed.sql).  Place this after the CTE that
-- locks the resource, so that all statements lock rows in the same order.
pending AS (
	UPDATE jobs j
	SET run_at = CASE j.run_at WHEN 'infinity' THEN now() ELSE j.run_at END
	WHERE j.resource = (SELECT id FROM to_push) AND j.kind = 'push-config'
		AND j.finished_at IS NULL
	RETURNING j.id
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'push-config', 'marketplace', id
	FROM to_push
	WHERE NOT EXISTS (SELECT FROM pending)
	RETURNING id
),
