-- Remove up to $3 rows of the subject $1 that are older than $2 seconds
-- (0005_retention.sql).  Returns their number; no row if it is not due, or if another
-- process is removing them.
WITH turn AS (
	SELECT subject
	FROM retention
	WHERE subject = $1
		AND (done_at IS NULL OR done_at < now() - interval '1 minute'
			OR done_at > now())
	FOR NO KEY UPDATE SKIP LOCKED
), step AS (
	SELECT CASE subject
		WHEN 'jobs' THEN remove_old_jobs(age, $3::integer)
		WHEN 'events' THEN remove_old_events(age, $3::integer)
		WHEN 'event_people' THEN remove_old_event_people(age, $3::integer)
		WHEN 'resources' THEN erase_old_resources(age, $3::integer)
		WHEN 'used_digests' THEN remove_old_used_digests(age, $3::integer)
		WHEN 'notifications' THEN remove_old_notifications(age, $3::integer)
		END AS removed
	FROM turn, make_interval(secs => $2::float8) age
)
UPDATE retention
SET removed = retention.removed + step.removed,
	done_at = CASE WHEN step.removed < $3 THEN now() ELSE done_at END
FROM step
WHERE subject = $1
RETURNING step.removed
