-- Single sign-on.

-- What counts only once, or only once in a while: sign-on tokens that were used,
-- sessions that a customer has ended, and customers who were shown config vars
-- in the last minute.  The digest is the SHA-256 of the fields that identify the
-- use; the statements sign_on_*.sql compute it.  A row is deleted a day after it has
-- expired (0005_retention.sql): the clock of a host decides whether a token or session is valid, and the
-- clock of the database may be set forward, by hours if its time zone was wrong.
CREATE TABLE used_digests (
	digest      text PRIMARY KEY,
	request_id  text NOT NULL, -- a repeated statement is not a second use
	expires_at  timestamptz NOT NULL
);
CREATE INDEX ON used_digests (expires_at);

-- A request writes its event once, even if its statement runs again.  Its id is
-- first, because a resource can have any number of these events.
CREATE UNIQUE INDEX ON events (request_id, resource, event)
	WHERE event IN ('signed-on', 'sign-on-refused', 'sessions-ended');

GRANT SELECT, INSERT, UPDATE, DELETE ON used_digests TO provisor_worker;
