-- Finish job $1, claimed under $2: the listener was called once more.  If $5, the
-- resource has the config vars $6 and the log drain $7, which differ from what it
-- had, and if $8, a job pushes them.  A resource that is being deprovisioned is
-- cleaned up by another job.  Returns the resource's state; no row if the claim
-- was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = $6, log_drain_url = $7,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND $5::boolean AND r.state <> 'deprovisioned'
	RETURNING r.id, r.state
), to_push AS (
	SELECT id FROM updated
	WHERE $8::boolean AND state IN ('provisioning', 'provisioned', 'suspended')
),
\ir job_push_config.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'verified', $3, $4, NULL,
		jsonb_build_object('has_changed', $5::boolean)
	FROM finished
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
