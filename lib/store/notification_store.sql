-- Store that the marketplace reported $4 about the subject $2 of resource $1 at $3, in
-- seconds since 1970, unless something newer, or the same for that second, is
-- stored.
INSERT INTO notifications AS stored (resource, subject, created_at, reported)
SELECT $1, $2, $3::bigint, ARRAY[$4]
WHERE NOT EXISTS (SELECT FROM notifications
	WHERE resource = $1 AND subject = $2
		AND (created_at > $3::bigint
			OR (created_at = $3::bigint AND $4 = ANY (reported))))
ON CONFLICT (resource, subject) DO UPDATE
SET created_at = excluded.created_at, stored_at = now(), handled_at = NULL,
	reported = CASE WHEN stored.created_at = excluded.created_at
			THEN stored.reported ELSE '{}' END || excluded.reported
WHERE stored.created_at < excluded.created_at
	OR (stored.created_at = excluded.created_at
		AND NOT stored.reported @> excluded.reported)
