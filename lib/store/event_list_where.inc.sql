-- Selects events h of resources r.  A NULL parameter is ignored: $1 and $2 are the
-- marketplace and the add-on of the resource, $3 is our id of it, $4 an event, $5 an
-- actor and $6 the age in seconds.
WHERE ($1::text IS NULL OR r.marketplace = $1)
	AND ($2::text IS NULL OR r.addon = $2)
	AND ($3::uuid IS NULL OR h.resource = $3)
	AND ($4::text IS NULL OR h.event = $4)
	AND ($5::text IS NULL OR h.actor = $5)
	AND ($6::float8 IS NULL
		OR h.at >= now() - make_interval(secs => $6))
