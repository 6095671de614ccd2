-- Look for the index of resource_search_index.inc.sql.  Returns one row: whether it
-- is there.
SELECT
\ir resource_search_index.inc.sql
