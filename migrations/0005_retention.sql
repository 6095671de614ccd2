-- What provisor-jobs removes once it is old: finished jobs with their attempts,
-- events, the people of events, the names of resources that are gone, and used
-- digests that have expired.  Resources are never removed.

CREATE TABLE retention (
	subject   text PRIMARY KEY,
	-- The last time when nothing was left to remove.
	done_at   timestamptz,
	removed   bigint NOT NULL DEFAULT 0
);
INSERT INTO retention (subject) VALUES ('jobs'), ('events'), ('event_people'),
	('resources'), ('used_digests');

-- The worker's role cannot delete jobs, events and their people.  These functions delete those
-- that are old, the oldest first, and return their number.  They look at the first
-- rows only, and delete by an array of ids, so they take the same time in a table of
-- any size.

CREATE FUNCTION remove_old_jobs(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	WITH old AS (
		SELECT ARRAY(SELECT id
			FROM (SELECT id, finished_at
				FROM jobs
				WHERE finished_at IS NOT NULL
				ORDER BY id
				LIMIT 2 * most) first
			WHERE finished_at < now() - greatest(keep, interval '1 day')
			LIMIT most) AS ids
	), attempts AS (
		DELETE FROM job_attempts
		WHERE job = ANY ((SELECT ids FROM old)::bigint[])
	), removed AS (
		DELETE FROM jobs
		WHERE id = ANY ((SELECT ids FROM old)::bigint[])
		RETURNING id
	)
	SELECT count(*) FROM removed
$$;

-- A session needs its event, and checks count those of the last days.
CREATE FUNCTION remove_old_events(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	WITH old AS (
		SELECT ARRAY(SELECT id
			FROM (SELECT id, at
				FROM events
				ORDER BY id
				LIMIT most) first
			WHERE at < now() - greatest(keep, interval '30 days')) AS ids
	), people AS (
		DELETE FROM event_people
		WHERE event = ANY ((SELECT ids FROM old)::bigint[])
	), removed AS (
		DELETE FROM events
		WHERE id = ANY ((SELECT ids FROM old)::bigint[])
		RETURNING id
	)
	SELECT count(*) FROM removed
$$;

CREATE FUNCTION remove_old_event_people(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	WITH removed AS (
		DELETE FROM event_people
		WHERE event = ANY (ARRAY(SELECT event
			FROM (SELECT event, at
				FROM event_people
				ORDER BY event
				LIMIT most) first
			WHERE at < now() - greatest(keep, interval '1 day')))
		RETURNING event
	)
	SELECT count(*) FROM removed
$$;

-- Erases the names of resources that are gone (0006_personal_data.sql erases the rest
-- at once).  A resource that was refused or abandoned, and that its marketplace has not
-- deprovisioned, ends now: the marketplace has had all that time to ask for it again.
CREATE FUNCTION erase_old_resources(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SET search_path FROM CURRENT AS $$
	WITH unsold AS (
		SELECT id, plan, state
		FROM resources r
		WHERE id = ANY (ARRAY(SELECT id
			FROM resources
			WHERE state IN ('refused', 'abandoned') AND created_at < now() - keep
			ORDER BY created_at
			LIMIT most))
			AND updated_at < now() - keep
			AND NOT EXISTS (SELECT FROM jobs
				WHERE resource = r.id AND finished_at IS NULL)
		FOR NO KEY UPDATE SKIP LOCKED
	), ended AS (
		UPDATE resources r
		SET state = 'deprovisioned', name = NULL,
			version = version + 1, updated_at = now()
		FROM unsold
		WHERE r.id = unsold.id
		RETURNING r.id, r.state, unsold.plan, unsold.state AS old_state
	), event AS (
		INSERT INTO events (resource, event, actor, before)
		SELECT id, state, 'provisor-jobs',
			jsonb_build_object('plan', plan, 'state', old_state)
		FROM ended
	), erased AS (
		UPDATE resources
		SET name = NULL
		WHERE id = ANY (ARRAY(SELECT id
			FROM resources
			WHERE state = 'deprovisioned' AND name IS NOT NULL
				AND deprovisioned_at < now() - keep
			ORDER BY deprovisioned_at
			LIMIT most
			FOR NO KEY UPDATE SKIP LOCKED))
		RETURNING id
	)
	SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM erased)
$$;

-- Few resources are in these indexes.
CREATE INDEX ON resources (deprovisioned_at)
	WHERE state = 'deprovisioned' AND name IS NOT NULL;
CREATE INDEX ON resources (created_at)
	WHERE state IN ('refused', 'abandoned');

CREATE FUNCTION remove_old_used_digests(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SET search_path FROM CURRENT AS $$
	WITH removed AS (
		DELETE FROM used_digests
		WHERE digest = ANY (ARRAY(SELECT digest
			FROM used_digests
			WHERE expires_at < now() - keep
			ORDER BY expires_at
			LIMIT most))
		RETURNING digest
	)
	SELECT count(*) FROM removed
$$;

REVOKE EXECUTE ON FUNCTION remove_old_jobs, remove_old_events,
	remove_old_event_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_old_jobs, remove_old_events,
	remove_old_event_people TO provisor_worker;
GRANT SELECT, UPDATE ON retention TO provisor_worker;
