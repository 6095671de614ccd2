-- Release job $1, claimed under $2, for $5 ms: the response to the marketplace says
-- that the plan is being changed.  If $6, the lease stays.  $7 is why the change is
-- not complete, or NULL.  Returns the resource's state; no row if the claim was lost.
--
-- If the statement runs again after its reply was lost, it finds its own promise,
-- even if another process has claimed the job since.
\ir job_result_lock.inc.sql
released AS (
	UPDATE jobs j
	SET run_at = now() + $5::float8 * interval '1 ms', undo_at = NULL,
		lease_until = CASE WHEN $6::boolean THEN j.lease_until END,
		promised_at = now(), last_error = $7,
		payload = j.payload || jsonb_build_object('promised_by', $2)
	FROM locked
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
		AND j.promised_at IS NULL
	RETURNING locked.id, locked.state, locked.plan, j.payload->>'plan' AS new_plan
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'plan-change-promised', $3, $4, jsonb_build_object('plan', plan),
		jsonb_strip_nulls(jsonb_build_object('plan', new_plan, 'reason', $7::text))
	FROM released
)
SELECT state FROM released
UNION ALL
SELECT r.state
FROM jobs j JOIN resources r ON r.id = j.resource
WHERE j.id = $1 AND j.payload->>'promised_by' = $2::text
