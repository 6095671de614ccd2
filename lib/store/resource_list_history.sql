-- List the newest events of resource $1, newest first.  Returns a JSON object for
-- each of up to $2 events.
SELECT json_build_object(
	'at', iso8601(at),
	'event', event, 'actor', actor, 'request_id', request_id,
	'before', before, 'after', after)
FROM events
WHERE resource = $1
ORDER BY id DESC
LIMIT $2::integer
