-- Clear the marketplace's id in each tombstone of add-on $3 at marketplace $1 that
-- shares it with a resource of add-on $2 there, for the operator $4, and write an
-- event for each.  Returns the number of tombstones.
WITH old AS (
	SELECT n.id, n.marketplace_id
	FROM resources r JOIN resources n
		ON n.marketplace = $1 AND n.addon = $3
			AND n.marketplace_id = r.marketplace_id
	WHERE r.marketplace = $1 AND r.addon = $2
		AND n.state = 'deprovisioned' AND n.plan IS NULL
	FOR NO KEY UPDATE OF n
), freed AS (
	UPDATE resources r
	SET marketplace_id = NULL, version = r.version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
), event AS (
	INSERT INTO events (resource, event, actor, before)
	SELECT id, 'tombstone-replaced', $4,
		jsonb_build_object('marketplace_id', marketplace_id)
	FROM old
)
SELECT count(*) FROM old
