-- Tokens of single sign-on that were used, for add-ons that let each be used
-- once.  A row is of use until its token has expired.

CREATE TABLE used_tokens (
	digest      text PRIMARY KEY, -- SHA-256 of marketplace, add-on and token
	request_id  text NOT NULL,    -- who used it: a repeated statement is no replay
	good_until  timestamptz NOT NULL
);
CREATE INDEX ON used_tokens (good_until);

-- Customers come often: whether a request has told its event already is looked up
-- without reading all that ever happened to the resource.
CREATE INDEX ON events (resource, request_id)
	WHERE what IN ('signed-on', 'sign-on-refused', 'sessions-ended');

GRANT SELECT, INSERT, UPDATE, DELETE ON used_tokens TO provisor_worker;
