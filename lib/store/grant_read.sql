-- Read the grant of resource $1.  Returns one row; none if the grant has ended.
SELECT grant_code, access_token, refresh_token, previous_refresh_token,
	grant_code_expires_at > now(),
	extract(epoch FROM access_token_expires_at - now())::bigint
FROM resources
WHERE id = $1 AND grant_ended_at IS NULL
