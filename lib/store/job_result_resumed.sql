-- Finish job $1, claimed under $2: the listener has put the resource into use again,
-- so it is provisioned, unless it has been suspended again since.  Returns the
-- resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET state = 'provisioned', version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state = 'suspended'
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = (SELECT id FROM finished)
				AND finished_at IS NULL AND kind = 'suspend')
	RETURNING r.id, r.state
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'resumed', $3, $4, NULL, NULL
	FROM updated
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
