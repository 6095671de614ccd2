-- Note that what job $1, held under claim $2, began is about to be taken back.
UPDATE jobs
SET payload = coalesce(payload, '{}') || '{"undone": true}'
WHERE id = $1 AND claim = $2 AND finished_at IS NULL
