-- Release job $1, claimed under $2, for $5 ms: the marketplace is promised
-- the resource within $8, which gets the provider_id $9 unless that is NULL, and the
-- message $10.  If $6, the lease stays.  Returns the resource's state; no row if the claim was lost.
\ir job_result_lock.inc.sql
released AS (
	UPDATE jobs j
	SET run_at = CASE WHEN locked.state <> 'provisioning' THEN now()
			ELSE least(now() + $5::float8 * interval '1 ms',
				j.created_at + $8::interval) END,
		lease_until = CASE WHEN $6::boolean THEN j.lease_until END,
		last_error = $7
	FROM locked
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	RETURNING locked.id, locked.state, j.created_at
), updated AS (
	UPDATE resources r
	SET promised_at = now(),
		promise_expires_at = released.created_at + $8::interval,
		provider_id = coalesce($9, r.provider_id), message = $10,
		version = version + 1, updated_at = now()
	FROM released
	WHERE r.id = released.id AND r.state = 'provisioning'
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'promised', $3, $4, NULL,
		CASE WHEN $7::text IS NOT NULL
			THEN jsonb_build_object('reason', $7::text) END
	FROM released
	WHERE state = 'provisioning'
)
SELECT state FROM released
