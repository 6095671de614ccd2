-- Count the resources of resource_list_where.inc.sql by the column named $13, the
-- most frequent values first.  Returns a JSON object for each of up to $14 values.
SELECT json_build_object($13::text, value, 'resources', count(*))
FROM (
	SELECT CASE $13
		WHEN 'addon' THEN r.addon
		WHEN 'marketplace' THEN r.marketplace
		WHEN 'plan' THEN r.plan
		WHEN 'region' THEN r.region
		WHEN 'state' THEN r.state
	END AS value
	FROM resources r
\ir resource_list_where.inc.sql
) counted
GROUP BY value
ORDER BY count(*) DESC, value
LIMIT $14::integer
