-- Find the resource of marketplace $1 and add-on $2 whose provider_id is $3.
-- Returns one row or none.
\ir resource_columns.inc.sql
FROM resources r
WHERE r.provider_id = $3 AND r.addon COLLATE "C" = $2
	AND r.marketplace COLLATE "C" = $1
