-- Store the person of the event: user id $3, e-mail $4 and address $5.
person AS (
	INSERT INTO event_people (event, user_id, email, address)
	SELECT id, $3, $4, $5
	FROM event
)
