-- Write the event that a customer has signed on to the live resource of marketplace
-- $1 and add-on $2 whose provider_id is $3.  If $4, this must also be its
-- marketplace_id.  Returns our id of the resource and the id of the event; no row if
-- there is no such resource.
--
-- If the event of request $5 exists, its unique index makes the statement fail: a
-- condition would make each sign-on as expensive as a repetition.
WITH event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT r.id, 'signed-on', 'customer', $5
	FROM resources r
	WHERE r.provider_id = $3 AND r.addon COLLATE "C" = $2
		AND r.marketplace COLLATE "C" = $1
		AND (NOT $4::boolean OR r.marketplace_id = $3)
		AND r.state IN ('provisioning', 'provisioned', 'suspended')
	RETURNING resource, id
), person AS (
	INSERT INTO event_people (event, user_id, email, address)
	SELECT id, $6, $7, $8
	FROM event
)
SELECT resource, id
FROM event
