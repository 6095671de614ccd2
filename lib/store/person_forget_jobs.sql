-- Erase the e-mail address $1 from the texts of the jobs with the numbers after $2 to
-- $3.  Returns the number of jobs.
WITH updated AS (
	UPDATE jobs
	SET payload = erase_address(payload::text, $1)::jsonb,
		last_error = erase_address(last_error, $1)
	WHERE id > $2::bigint AND id <= $3::bigint
		AND has_address(concat_ws(' ', payload, last_error), $1)
	RETURNING id
)
SELECT count(*)
FROM updated
