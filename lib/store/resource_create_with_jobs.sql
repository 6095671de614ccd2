-- Create a resource in state $24 with its event and its first jobs.  $25 is how long
-- a promised resource may take.  If $26, its grant's code is exchanged.  If $30 is not
-- NULL, it is a line for the log of the customer's app.  Returns the id of its
-- provision job, or NULL; no row if one of its ids exists.
\ir resource_create.inc.sql
		$24::text, CASE WHEN $24::text = 'provisioned' THEN now() END,
		CASE WHEN $25::interval IS NOT NULL THEN now() END,
		now() + $25::interval)
	ON CONFLICT DO NOTHING
	RETURNING id, state
), event AS (
\ir resource_create_event.inc.sql
), exchange AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'exchange', 'marketplace', id
	FROM created
	WHERE $26::boolean
), logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', id, jsonb_build_object('line', $30::text)
	FROM created
	WHERE $30::text IS NOT NULL
), provision AS (
	INSERT INTO jobs (kind, lane, resource, attempts, claim, lease_until, run_at)
	SELECT 'provision', 'listener', id,
		CASE WHEN $27::uuid IS NULL THEN 0 ELSE 1 END, $27::uuid,
		now() + $28::float8 * interval '1 ms',
		now() + coalesce($29::float8, 0) * interval '1 ms'
	FROM created
	WHERE state = 'provisioning'
	RETURNING id
)
SELECT (SELECT id FROM provision)
FROM created
