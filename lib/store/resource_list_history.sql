-- List the newest events of resource $1, newest first, and unless $2 its
-- unfinished attempts too.  Returns a JSON object for each of up to $3 events.
SELECT json_build_object(
	'id', id, 'at', iso8601(at),
	'event', event, 'actor', actor, 'request_id', request_id,
	'before', before, 'after', after)
FROM history
WHERE resource = $1
	AND NOT ($2::boolean AND event IN ('job-put-off', 'job-gave-up'))
ORDER BY id DESC
LIMIT $3::integer
