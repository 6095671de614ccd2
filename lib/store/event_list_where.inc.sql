-- Selects events h of resources r.  A NULL parameter is ignored: $1 and $2 are the
-- marketplace and the add-on of the resource, $3 is one of its ids (also in $4 if
-- it is a UUID), $5 an event, $6 an actor and $7 the age in seconds.
WHERE ($1::text IS NULL OR r.marketplace = $1)
	AND ($2::text IS NULL OR r.addon = $2)
	AND ($3::text IS NULL OR h.resource = ANY (ARRAY(SELECT id FROM resources
		WHERE id = $4::uuid
			OR marketplace_id IN ($3, $4::text)
			OR provider_id IN ($3, $4::text))))
	AND ($5::text IS NULL OR h.event = $5)
	AND ($6::text IS NULL OR h.actor = $6)
	AND ($7::float8 IS NULL
		OR h.at >= now() - make_interval(secs => $7))
