-- List the events of event_list_where.inc.sql, newest first, after the event $7
-- unless that is NULL.  Returns a JSON object for each of up to $8 events.
SELECT json_build_object('id', h.id, 'at', iso8601(h.at),
	'marketplace', r.marketplace, 'addon', r.addon, 'resource', h.resource,
	'event', h.event, 'actor', h.actor, 'request_id', h.request_id,
	'before', h.before, 'after', h.after)
FROM history h JOIN resources r ON r.id = h.resource
\ir event_list_where.inc.sql
	AND ($7::bigint IS NULL OR h.id < $7)
ORDER BY h.id DESC
LIMIT $8::integer
