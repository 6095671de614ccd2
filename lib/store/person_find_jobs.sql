-- List the jobs with the numbers after $2 to $3 whose texts mention the e-mail address
-- $1.  Returns a JSON object for each.
SELECT json_build_object('kind', 'job', 'id', id, 'resource', resource,
	'job', kind, 'payload', payload, 'last_error', last_error,
	'created_at', iso8601(created_at), 'finished_at', iso8601(finished_at))
FROM jobs
WHERE id > $2::bigint AND id <= $3::bigint
	AND has_address(concat_ws(' ', payload, last_error), $1)
ORDER BY id
