-- Describe the database's present epoch, and count the unfinished jobs of
-- earlier epochs that are held.  Returns a JSON object.
SELECT json_build_object('epoch', present.epoch,
	'noticed_at', iso8601(coalesce(last.noticed_at, now())),
	'last_event_at', iso8601(CASE WHEN last.id IS NOT NULL
		THEN last.last_event_at
		ELSE (SELECT at FROM events ORDER BY id DESC LIMIT 1) END),
	'accepted_at', iso8601(last.accepted_at),
	'accepted_by', last.accepted_by,
	'held_jobs', (SELECT count(*) FROM jobs
		WHERE finished_at IS NULL AND timed_at > '-infinity'
			AND run_at = 'infinity'
			AND epoch <> present.epoch))
FROM (SELECT database_epoch() AS epoch) present
LEFT JOIN (SELECT * FROM epochs ORDER BY id DESC LIMIT 1) last USING (epoch)
