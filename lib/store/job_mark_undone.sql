-- Record that job $1, claimed under $2, is about to be undone.
UPDATE jobs
SET payload = coalesce(payload, '{}') || '{"undone": true}'
WHERE id = $1 AND claim = $2 AND finished_at IS NULL
