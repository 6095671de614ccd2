-- Make due those marketplace jobs of resource $1 that have given up, because
-- they may have lacked a token, and its completion, because a customer waits
-- for it.
UPDATE jobs
SET run_at = now()
WHERE resource = $1 AND finished_at IS NULL AND lane = 'marketplace'
	AND (run_at = 'infinity' OR kind = 'complete')
