-- Accept the present epoch for the operator $1 if no unfinished job of an
-- earlier one is left.  Returns a row if it is accepted now.
UPDATE epochs
SET accepted_at = now(), accepted_by = $1
WHERE id = (SELECT id FROM epochs ORDER BY id DESC LIMIT 1)
	AND epoch = database_epoch() AND accepted_at IS NULL
	AND NOT EXISTS (SELECT FROM jobs
		WHERE finished_at IS NULL AND timed_at > '-infinity'
			AND epoch <> database_epoch())
RETURNING id
