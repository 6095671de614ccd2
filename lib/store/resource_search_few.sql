-- Find the resources that a search matches, if they are few: patterns $1 for the
-- beginning of an id and $2 for names and owners, and our ids from $3 to $4, which
-- are NULL if none can match.  A whole id of ours is not looked for in names.  Returns
-- one row: an array of our ids, or NULL if more than $5 match.
--
-- Each part has an index.  In a list in the order of time, the planner takes these for
-- alternatives of one condition only if its statistics say that few rows match, and
-- otherwise it reads resources until a page is full: all of them if it is mistaken.
SELECT CASE WHEN count(*) <= $5::integer
	THEN coalesce(array_agg(id), '{}') END
FROM (
	SELECT id
	FROM (
		SELECT id
		FROM resources
		WHERE search_text(name, owner) LIKE lower($2::text)
			AND NOT EXISTS (SELECT FROM resources
				WHERE id = $3::uuid AND id = $4::uuid)
		UNION ALL
		SELECT id
		FROM resources
		WHERE id BETWEEN $3 AND $4
		UNION ALL
		SELECT id
		FROM resources
		WHERE marketplace_id LIKE $1::text OR marketplace_id LIKE lower($1)
		UNION ALL
		SELECT id
		FROM resources
		WHERE provider_id LIKE $1 OR provider_id LIKE lower($1)
		UNION ALL
		SELECT id
		FROM resources
		WHERE log_drain_token LIKE $1 OR log_drain_token LIKE lower($1)
	) matching
	LIMIT $5 + 1
) few
