-- Count the events of event_list_where.inc.sql, up to $7.
SELECT count(*)
FROM (
	SELECT
	FROM history h JOIN resources r ON r.id = h.resource
\ir event_list_where.inc.sql
	LIMIT $7::integer
) counted
