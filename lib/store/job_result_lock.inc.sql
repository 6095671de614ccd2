-- Lock the resource of job $1, if it is still claimed under $2.  The resource
-- is locked before the job, in the same order as in a deprovision.
WITH locked AS (
	SELECT r.id, r.state, r.plan, r.version
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	FOR NO KEY UPDATE OF r
),
