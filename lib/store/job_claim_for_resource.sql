-- Claim the first unfinished listener job of resource $1 if it is of kind $2
-- and free.  If $3 is not NULL, the job changes to plan $3 instead.  Unless $7,
-- provisor-jobs undoes a plan change when it may carry it out, in $6 ms.  Returns
-- the job.
--
-- A plan change that the marketplace was promised is not claimed: it continues without
-- a request.
--
-- The marketplace sends its request in the present epoch, so the job belongs to
-- this epoch from now on.  Another round begins if the job was undone or $3 is
-- another plan.  If the statement runs again after its reply was lost, it finds
-- its own claim $4.
WITH first AS (
	SELECT id
	FROM jobs
	WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener'
	ORDER BY id
	LIMIT 1
)
UPDATE jobs j
SET claim = $4, attempts = j.attempts + 1,
	lease_until = now() + $5::float8 * interval '1 ms',
	run_at = now() + $6::float8 * interval '1 ms',
	undo_at = CASE WHEN $2 = 'change-plan' AND NOT $7::boolean
		THEN now() + $6::float8 * interval '1 ms' END,
	promised_at = NULL,
	epoch = database_epoch(),
	payload = jsonb_strip_nulls(jsonb_build_object(
		'plan', coalesce($3, j.payload->>'plan'),
		'round', coalesce((j.payload->>'round')::integer, 0)
			+ CASE WHEN j.payload ? 'undone' OR $3 <> j.payload->>'plan'
				THEN 1 ELSE 0 END,
		'keeps', nullif($7::boolean, false)))
FROM first
WHERE j.id = first.id AND j.kind = $2 AND j.finished_at IS NULL
	AND (j.lease_until IS NULL OR j.lease_until < now() OR j.claim = $4)
	AND (j.promised_at IS NULL OR j.epoch <> database_epoch())
RETURNING
\ir job_columns.inc.sql
