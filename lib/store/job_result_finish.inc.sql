-- Lock the resource and finish job $1, if it is still claimed under $2;
-- finished is the resource as it was.  The reason of the last
-- attempt that did not finish the job stays.
\ir job_result_lock.inc.sql
finished AS (
	UPDATE jobs j
	SET finished_at = now()
	FROM locked
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	RETURNING locked.id, locked.state, locked.plan, j.last_error,
		j.promised_at IS NOT NULL AS is_promised
),
