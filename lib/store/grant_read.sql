-- Read the grant of resource $1.  Returns one row; none if the resource is gone.
SELECT code, access, refresh, previous_refresh,
	code_expires_at > now(),
	extract(epoch FROM expires_at - now())::bigint
FROM grants
WHERE resource = $1
