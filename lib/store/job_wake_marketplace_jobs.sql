-- Make marketplace jobs of resource $1 due that have given up, which may have
-- been for want of a token; and its completion, for which customers wait.
UPDATE jobs
SET run_at = now()
WHERE resource = $1 AND finished_at IS NULL AND lane = 'marketplace'
	AND (run_at = 'infinity' OR kind = 'complete')
