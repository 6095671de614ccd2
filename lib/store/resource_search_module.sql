-- Look for the module that finds any part of a name.  Returns one row: whether its
-- index is there, and whether the server has the module.
SELECT
\ir resource_search_index.inc.sql
	, EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')
