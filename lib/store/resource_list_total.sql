-- Count the resources of resource_list_where.inc.sql, up to $12 unless that is NULL.
SELECT count(*)
FROM (
	SELECT
	FROM resources r
\ir resource_list_where.inc.sql
	LIMIT $12::integer
) counted
