-- List the events after $2 to $3 that the person with e-mail address $1 has caused, or,
-- where no address is known, with user id $1.  Returns a JSON object for each.
SELECT json_build_object('kind', 'event', 'id', h.id, 'at', iso8601(h.at),
	'marketplace', r.marketplace, 'addon', r.addon, 'resource', h.resource,
	'event', h.event, 'actor', h.actor, 'request_id', h.request_id,
	'before', h.before, 'after', h.after)
FROM event_people p JOIN history h ON h.id = p.event
	JOIN resources r ON r.id = h.resource
WHERE lower(coalesce(p.email, p.user_id)) = lower($1)
	AND p.event > $2::bigint AND p.event <= $3::bigint
ORDER BY h.id
