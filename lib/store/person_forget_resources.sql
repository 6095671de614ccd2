-- Erase the customers' data of the resources of person_resources.inc.sql, for the
-- operator $4, and write an event for each.  This applies to resources that are gone,
-- and to those that were refused or abandoned, which end now.  Returns their number.
WITH old AS (
	SELECT r.id, r.plan, r.state
	FROM resources r
	WHERE
\ir person_resources.inc.sql
		AND r.state IN ('deprovisioned', 'refused', 'abandoned')
		AND (SELECT id FROM jobs
			WHERE resource = r.id AND finished_at IS NULL
			LIMIT 1) IS NULL
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET state = 'deprovisioned', name = NULL,
		version = version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
), event AS (
	INSERT INTO events (resource, event, actor, before)
	SELECT id, 'person-forgotten', $4,
		jsonb_build_object('plan', plan, 'state', state)
	FROM old
)
SELECT count(*)
FROM old
