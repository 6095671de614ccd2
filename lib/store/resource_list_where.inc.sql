-- Selects resources r.  A NULL parameter is ignored: $1 to $4 are columns, $5 is
-- the age in seconds, $6 is one of the ids (also in $7 if it is a UUID), and $8 to
-- $12 are a search (resource_search.h): our ids of what matches, or else patterns for
-- the beginning of an id and for names and owners, and the first and the last of our
-- ids that begin so.
WHERE ($1::text IS NULL OR r.marketplace = $1)
	AND ($2::text IS NULL OR r.addon = $2)
	AND ($3::text IS NULL OR r.state = $3)
	AND ($4::text IS NULL OR r.plan = $4)
	AND ($5::float8 IS NULL
		OR r.created_at >= now() - make_interval(secs => $5))
	AND ($6::text IS NULL OR r.id = $7::uuid
		OR r.marketplace_id IN ($6, $7::text)
		OR r.provider_id IN ($6, $7::text))
	AND ($8::uuid[] IS NULL OR r.id = ANY ($8))
	AND ($9::text IS NULL
		OR search_text(r.name, r.owner) LIKE lower($10)
		OR r.id BETWEEN $11::uuid AND $12::uuid
		OR r.marketplace_id LIKE $9 OR r.marketplace_id LIKE lower($9)
		OR r.provider_id LIKE $9 OR r.provider_id LIKE lower($9)
		OR r.log_drain_token LIKE $9 OR r.log_drain_token LIKE lower($9))
