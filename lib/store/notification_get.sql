-- Return the notification about the subject $2 of resource $1: its time in seconds
-- since 1970, what the marketplace reported last, how much it has reported for this
-- second, and whether that has taken effect.
SELECT created_at, reported[cardinality(reported)], cardinality(reported),
	handled_at IS NOT NULL
FROM notifications
WHERE resource = $1 AND subject = $2
