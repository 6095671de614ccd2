-- Find the resource with our id $1.  Returns one row or none.
\ir resource_columns.inc.sql
WHERE r.id = $1
