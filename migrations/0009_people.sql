-- Reading all texts for `provisor people`.

-- Most texts lack the address, so the expression is tried last.  Of two conditions the
-- planner tries the regular expression first, which takes ten times as long, but it
-- does not change the order of a CASE.
CREATE OR REPLACE FUNCTION has_address(value text, address text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN position(lower(address) IN lower(value)) > 0
		THEN value ~* address_pattern(address)
		ELSE false END
$$;
