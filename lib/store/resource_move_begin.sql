-- Queue a job that gives resource $3 the content of resource $1, whose version is $2,
-- and write events.  If $4 is NULL, resource $3 is created: of add-on $8 at marketplace
-- $7, with the marketplace's id $9, the provider_id $10, the plan $11 and the sealed
-- options $12; otherwise $4 is its version.  Returns a row; none if either has changed
-- or is not provisioned, if resource $1 has a job that would be lost or resource $3 a
-- listener job, or if one of the new ids exists.
--
-- Resource $3 is locked first, as in job_result_moved.sql.
WITH target AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $3 AND version = $4::integer AND state = 'provisioned'
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $3 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
), old AS (
	SELECT id, name, region, owner
	FROM resources
	WHERE id = $1 AND version = $2 AND state = 'provisioned'
		AND ($4 IS NULL OR EXISTS (SELECT FROM target))
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL
				AND kind NOT IN ('write-log', 'check-config'))
	FOR NO KEY UPDATE
), created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id, plan,
		options, name, region, owner, state)
	SELECT $3, $7, $8, $9, $10, $11, $12, name, region, owner, 'provisioning'
	FROM old
	WHERE $4 IS NULL
	ON CONFLICT DO NOTHING
	RETURNING id
), source AS (
	UPDATE resources r
	SET state = 'moved', moved_to = goal.id, version = r.version + 1, updated_at = now()
	FROM old, (SELECT id FROM target UNION ALL SELECT id FROM created) goal
	WHERE r.id = old.id
	RETURNING r.id, r.moved_to
), queued AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'move', 'listener', moved_to, jsonb_build_object('from', id)
	FROM source
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT moved_to, 'move-requested', $5, $6, jsonb_build_object('from', id)
FROM source
UNION ALL
SELECT id, 'move-requested', $5, $6, jsonb_build_object('to', moved_to)
FROM source
RETURNING id
