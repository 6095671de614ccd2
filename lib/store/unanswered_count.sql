-- Count the resources that the marketplace could not confirm in the last
-- seven days, and which it has neither changed nor deprovisioned since.
SELECT count(*)
FROM events e
WHERE e.event = 'unconfirmed' AND e.at > now() - interval '7 days'
	AND EXISTS (SELECT FROM resources
		WHERE id = e.resource AND state IN ('provisioned', 'suspended'))
	AND NOT EXISTS (SELECT FROM events later
		WHERE later.resource = e.resource AND later.id > e.id
			AND later.event IN ('plan-changed', 'unconfirmed'))
