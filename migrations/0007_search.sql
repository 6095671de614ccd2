-- What `provisor resources find` searches.

-- Returns the name of a resource and the values of its owner, in lower case.
-- PostgreSQL inlines this function.
CREATE FUNCTION search_text(name text, owner jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lower(coalesce(name, '') || E'\n'
		|| coalesce(jsonb_path_query_array(owner, '$.*')::text, ''))
$$;
