-- Release job $1, claimed under $2, which was not carried out.  It is due again in
-- $3 ms.
UPDATE jobs
SET claim = NULL, lease_until = NULL, attempts = attempts - 1,
	run_at = now() + $3::float8 * interval '1 ms'
WHERE id = $1 AND claim = $2 AND finished_at IS NULL
