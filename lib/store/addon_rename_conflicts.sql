-- Count the resources of add-on $2 at marketplace $1 that share an id of the
-- marketplace with a resource of add-on $3 there.  Returns how many share it with a
-- tombstone, how many with any other resource, and the id of one of the latter.
SELECT count(*) FILTER (WHERE n.is_tombstone),
	count(*) FILTER (WHERE NOT n.is_tombstone),
	min(r.id::text) FILTER (WHERE NOT n.is_tombstone)
FROM resources r JOIN LATERAL (
	SELECT state = 'deprovisioned' AND plan IS NULL
		AND provider_id <> r.provider_id AS is_tombstone
	FROM resources
	WHERE marketplace = $1 AND addon = $3
		AND (marketplace_id = r.marketplace_id OR provider_id = r.provider_id)
	ORDER BY 1
	LIMIT 1
) n ON true
WHERE r.marketplace = $1 AND r.addon = $2
