-- Find the resource with our id $1.  Returns one row or none, with the columns that
-- read_details() in resource.c reads after the others.
\ir resource_columns.inc.sql
	, r.marketplace, r.addon, r.former_marketplace_id, r.owner,
	r.access_token IS NOT NULL
		OR r.grant_code IS NOT NULL AND r.grant_code_expires_at > now(),
	coalesce(r.promise_expires_at < now(), false),
	listener.has_job, r.marketplace_plan, listener.changing_to,
	iso8601(r.kept_until), coalesce(r.kept_until <= now(), false),
	r.moved_to, r.state IN ('kept', 'moved', 'deprovisioning') AND EXISTS (
		SELECT FROM jobs
		WHERE payload->>'from' = r.id::text AND finished_at IS NULL
			AND kind IN ('restore', 'move'))
FROM resources r CROSS JOIN LATERAL (
	SELECT count(*) > 0 AS has_job, max(payload->>'plan') FILTER (WHERE
\ir promised_plan_change.inc.sql
		) AS changing_to
	FROM jobs
	WHERE resource = r.id AND finished_at IS NULL AND lane = 'listener'
) listener
WHERE r.id = $1
