-- Store the config vars $5 of the resource of the finished job in a statement that
-- begins with job_result_finish.inc.sql.  If $6, a job pushes them.  updated is the
-- resource; it has no row if the resource is a tombstone.
updated AS (
	UPDATE resources r
	SET config = $5, version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state <> 'deprovisioned'
	RETURNING r.id, r.state
), to_push AS (
	SELECT id FROM updated WHERE $6::boolean AND state IN ('provisioned', 'suspended')
),
\ir job_push_config.inc.sql
