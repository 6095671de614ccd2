-- Find the resource of marketplace $1 and add-on $2 that has the id $3, by
-- marketplace_id first if $4, otherwise by provider_id first.  Returns one row or
-- none.
\ir resource_columns.inc.sql
WHERE r.marketplace = $1 AND r.addon = $2
	AND (r.marketplace_id = $3 OR r.provider_id = $3)
ORDER BY (r.marketplace_id IS NOT DISTINCT FROM $3) = $4::boolean DESC
LIMIT 1
