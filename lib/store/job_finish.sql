-- Finish job $1, claimed under $2, with the note $3.
UPDATE jobs
SET finished_at = now(), last_error = $3
WHERE id = $1 AND claim = $2 AND finished_at IS NULL
