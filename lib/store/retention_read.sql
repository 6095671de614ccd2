-- Describe what is removed once it is old.  Returns for each subject the age of its
-- oldest row, for how long nothing has been left to remove (-1: never), both in
-- seconds, and how many rows have been removed.
SELECT subject,
	coalesce(greatest(extract(epoch FROM now() - CASE subject
		WHEN 'jobs' THEN (SELECT finished_at
			FROM jobs
			WHERE finished_at IS NOT NULL
			ORDER BY id
			LIMIT 1)
		WHEN 'events' THEN (SELECT at
			FROM events
			ORDER BY id
			LIMIT 1)
		WHEN 'event_people' THEN (SELECT at
			FROM event_people
			ORDER BY event
			LIMIT 1)
		WHEN 'resources' THEN (SELECT min(deprovisioned_at)
			FROM resources
			WHERE state = 'deprovisioned' AND name IS NOT NULL)
		WHEN 'used_digests' THEN (SELECT min(expires_at) FROM used_digests)
		WHEN 'notifications' THEN (SELECT min(stored_at) FROM notifications)
	END)::bigint, 0), 0),
	coalesce(extract(epoch FROM now() - done_at)::bigint, -1),
	removed
FROM retention
