-- Release the unfinished jobs of earlier epochs for the operator $4, with an
-- event for each: they belong to the present epoch from now on, and are due.
-- A NULL parameter is ignored: $1 is the marketplace, $2 the add-on.  If $3,
-- provisions and plan changes without a response are kept rather than undone.  A
-- completion and a promised plan change never overwrite what the marketplace has.
-- Returns the number of jobs.
WITH chosen AS (
	SELECT j.id, j.kind
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.finished_at IS NULL AND j.timed_at > '-infinity'
		AND j.epoch <> database_epoch()
		AND ($1::text IS NULL OR r.marketplace = $1)
		AND ($2::text IS NULL OR r.addon = $2)
), released AS (
	UPDATE jobs j
	SET epoch = database_epoch(), run_at = now(),
		payload = CASE WHEN j.kind = 'complete' OR j.promised_at IS NOT NULL
				OR ($3::boolean AND j.kind IN ('provision', 'change-plan'))
			THEN coalesce(j.payload, '{}') || '{"keeps": true}'
			ELSE j.payload END
	FROM chosen
	WHERE j.id = chosen.id AND j.finished_at IS NULL
		AND j.epoch <> database_epoch()
	RETURNING j.id, j.kind, j.resource
), event AS (
	INSERT INTO events (resource, event, actor, after)
	SELECT resource, 'job-released', $4,
		jsonb_build_object('job', id, 'kind', kind)
	FROM released
)
SELECT count(*) FROM released
