-- Queue and claim a change of resource $1, whose version is $2, to plan $3.  Unless
-- $7, provisor-jobs undoes it when it may carry it out, in $6 ms.
-- Returns the job; no row if the resource has changed or has a listener job.
\ir resource_take_version.inc.sql
INSERT INTO jobs AS j (kind, lane, resource, payload, attempts, claim,
	lease_until, run_at, undo_at)
SELECT 'change-plan', 'listener', id,
	jsonb_strip_nulls(jsonb_build_object('plan', $3::text, 'keeps', nullif($7::boolean, false))),
	1, $4,
	now() + $5::float8 * interval '1 ms',
	now() + $6::float8 * interval '1 ms',
	CASE WHEN NOT $7::boolean THEN now() + $6::float8 * interval '1 ms' END
FROM resource
RETURNING
\ir job_columns.inc.sql
