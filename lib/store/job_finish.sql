-- Finish job $1, claimed under $2, with the note $3.  Without a note, the reason
-- of the last attempt that did not finish it stays.  The resource is locked before
-- the job, as everywhere.
WITH locked AS (
	SELECT j.id
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	FOR NO KEY UPDATE OF r
)
UPDATE jobs j
SET finished_at = now(), last_error = coalesce($3, last_error)
FROM locked
WHERE j.id = locked.id AND j.claim = $2 AND j.finished_at IS NULL
