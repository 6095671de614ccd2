-- Return for each enum person_place the number before its first row, and the number of
-- its last one.  Resources are numbered by the first byte of their ids.  Events and
-- attempts of jobs have their numbers from one sequence.
SELECT -1, 255,
	(SELECT coalesce(min(event), 1) - 1 FROM event_people),
	(SELECT coalesce(max(event), 0) FROM event_people),
	coalesce(least((SELECT min(id) FROM events),
		(SELECT min(id) FROM job_attempts)), 1) - 1,
	coalesce(greatest((SELECT max(id) FROM events),
		(SELECT max(id) FROM job_attempts)), 0),
	(SELECT coalesce(min(id), 1) - 1 FROM jobs),
	(SELECT coalesce(max(id), 0) FROM jobs)
