-- Count the live resources whose grant was missed in the last seven days, and which have
-- got no other since.
SELECT count(DISTINCT e.resource)
FROM events e
JOIN resources r ON r.id = e.resource
WHERE e.event = 'grant-missed' AND e.at > now() - interval '7 days'
	AND r.state IN ('provisioning', 'provisioned', 'suspended')
	AND r.access_token IS NULL
