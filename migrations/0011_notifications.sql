-- The last notification of a marketplace about a resource.

-- Notifications come more than once and in any order, and have no ids.  For each
-- resource there is one row of each subject: suspension, plan, deprovision.  What is
-- older, or has been stored for the same second, has no effect.
CREATE TABLE notifications (
	resource    uuid NOT NULL,
	subject     text NOT NULL,
	-- By the marketplace's clock, in seconds since 1970.
	created_at  bigint NOT NULL,
	-- What was reported for this second, such as suspended or "plan premium".  The
	-- last one counts.
	reported    text[] NOT NULL,
	stored_at   timestamptz NOT NULL DEFAULT now(),
	-- NULL until it has taken effect: the marketplace repeats it.
	handled_at  timestamptz,
	PRIMARY KEY (resource, subject)
);
CREATE INDEX ON notifications (stored_at);

INSERT INTO retention (subject) VALUES ('notifications');

CREATE FUNCTION remove_old_notifications(keep interval, most integer) RETURNS bigint
	LANGUAGE sql SET search_path FROM CURRENT AS $$
	WITH removed AS (
		DELETE FROM notifications
		WHERE (resource, subject) IN (SELECT resource, subject
			FROM notifications
			WHERE stored_at < now() - keep
			ORDER BY stored_at
			LIMIT most
			FOR UPDATE SKIP LOCKED)
		RETURNING resource
	)
	SELECT count(*) FROM removed
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON notifications TO provisor_worker;
