-- Read the grant of resource $1.  Returns one row; none if the resource is gone.
SELECT code, access_token, refresh_token, previous_refresh_token,
	code_expires_at > now(),
	extract(epoch FROM access_token_expires_at - now())::bigint
FROM grants
WHERE resource = $1
