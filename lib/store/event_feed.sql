-- Read the events after number $1, up to number $2, of the add-on $3 unless that is
-- NULL, in the order of their numbers.  Returns a JSON object for each of up to $4
-- events.
SELECT json_build_object('id', h.id, 'at', iso8601(h.at),
	'marketplace', r.marketplace, 'addon', r.addon, 'resource', h.resource,
	'event', h.event, 'actor', h.actor, 'request_id', h.request_id,
	'before', h.before, 'after', h.after)
FROM history h JOIN resources r ON r.id = h.resource
WHERE h.id > $1::bigint AND h.id <= $2::bigint
	AND ($3::text IS NULL OR r.addon = $3)
ORDER BY h.id
LIMIT $4::integer
