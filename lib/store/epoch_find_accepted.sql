-- Find the present epoch of the database if an operator has accepted it.  Returns a
-- row; none if it is new.
SELECT id
FROM epochs
WHERE id = (SELECT id FROM epochs ORDER BY id DESC LIMIT 1)
	AND epoch = database_epoch() AND accepted_at IS NOT NULL
