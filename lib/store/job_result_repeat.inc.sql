-- If the statement runs again after its reply was lost, it finds the job finished
-- under its own claim.
UNION ALL
SELECT r.state
FROM jobs j JOIN resources r ON r.id = j.resource
WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NOT NULL
