-- Finish job $1, claimed under $2: the resource has the content of the kept resource
-- $7, with the config vars $5.  If $6, a job pushes them.  Resource $7 becomes a
-- tombstone, and its jobs are finished: nothing of it is left to clean up.  Returns the
-- state of the restored resource; no row if the claim was lost.
\ir job_result_finish.inc.sql
\ir job_result_config.inc.sql
source AS (
	UPDATE resources r
	SET state = 'deprovisioned', version = r.version + 1, updated_at = now()
	FROM finished
	WHERE r.id = $7 AND r.state = 'kept'
	RETURNING r.id, finished.id AS restored_as
), ended AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'its resource was restored as another'
	WHERE resource = (SELECT id FROM source) AND finished_at IS NULL
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'restored', $3, $4, NULL, jsonb_build_object('from', $7::uuid)
	FROM finished
	UNION ALL
	SELECT id, 'deprovisioned', $3, $4, jsonb_build_object('state', 'kept'),
		jsonb_build_object('restored_as', restored_as)
	FROM source
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
