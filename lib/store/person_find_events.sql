-- List the events and attempts of jobs with the numbers after $2 to $3 whose texts
-- mention the e-mail address $1.  Returns a JSON object for each.
SELECT json_build_object('kind', 'event', 'id', id, 'at', iso8601(at),
	'resource', resource, 'event', event, 'actor', actor,
	'request_id', request_id, 'before', before, 'after', after)
FROM events
WHERE id > $2::bigint AND id <= $3::bigint
	AND has_address(concat_ws(' ', actor, request_id, before, after), $1)
UNION ALL
SELECT json_build_object('kind', 'attempt', 'id', id, 'at', iso8601(at),
	'resource', resource, 'job', job, 'attempt', attempt, 'actor', actor,
	'request_id', request_id, 'reason', reason)
FROM job_attempts
WHERE id > $2::bigint AND id <= $3::bigint
	AND has_address(concat_ws(' ', actor, request_id, reason), $1)
