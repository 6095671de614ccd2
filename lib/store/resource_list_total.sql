-- Count the resources of resource_list_where.inc.sql, up to $13 unless that is NULL.
SELECT count(*)
FROM (
	SELECT
	FROM resources r
\ir resource_list_where.inc.sql
	LIMIT $13::integer
) counted
