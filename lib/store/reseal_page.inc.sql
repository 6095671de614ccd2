-- Select all sealed values of a page of up to $3 resources after the id $1 (if
-- $2, including it), each with the number of its column in the table columns[]
-- of reseal.c and the id of the key that sealed it.
WITH page AS MATERIALIZED (
	SELECT r.id, r.config, r.log_input_url, r.log_drain_url,
		g.code, g.access_token, g.refresh_token, g.previous_refresh_token
	FROM resources r LEFT JOIN grants g ON g.resource = r.id
	WHERE r.id >= $1 AND (r.id > $1 OR $2::boolean)
	ORDER BY r.id
	LIMIT $3::integer
), sealed AS (
	SELECT id, number, value, split_part(value, '.', 2) AS key
	FROM page, LATERAL (VALUES (0, config), (1, log_input_url),
		(2, log_drain_url), (3, code), (4, access_token), (5, refresh_token),
		(6, previous_refresh_token)) columns (number, value)
	WHERE value IS NOT NULL
), last AS (
	SELECT id
	FROM page
	ORDER BY id DESC
	LIMIT 1
)
