-- What `provisor resources find` searches.

-- PostgreSQL's module pg_trgm finds a part of a text by an index.  Without it, only
-- the beginning of a text is found.  The owner of the database may create it, unless
-- the server does not have it or does not trust it.
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
		CREATE EXTENSION IF NOT EXISTS pg_trgm;
	END IF;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported
		OR undefined_file THEN
	RAISE NOTICE 'pg_trgm cannot be created: %', SQLERRM;
END
$$;

-- Returns the name of a resource and the values of its owner, in lower case.
-- PostgreSQL inlines this function.
CREATE FUNCTION search_text(name text, owner jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lower(coalesce(name, '') || E'\n'
		|| coalesce(jsonb_path_query_array(owner, '$.*')::text, ''))
$$;
