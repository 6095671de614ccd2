-- Record the database's present epoch if it is not the last in the list.
INSERT INTO epochs (epoch, last_event_at)
SELECT database_epoch(), (SELECT at FROM events ORDER BY id DESC LIMIT 1)
WHERE database_epoch() IS DISTINCT FROM
	(SELECT epoch FROM epochs ORDER BY id DESC LIMIT 1)
