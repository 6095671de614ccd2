-- Single sign-on.

-- Tokens that were used, for add-ons that accept each token once.  A row is
-- deleted after its token has expired.
CREATE TABLE used_sign_on_tokens (
	digest      text PRIMARY KEY, -- SHA-256 of marketplace, add-on and token
	request_id  text NOT NULL,    -- a repeated statement is not a replay
	expires_at  timestamptz NOT NULL
);
CREATE INDEX ON used_sign_on_tokens (expires_at);

-- Customers sign on often.  This index shows whether a request has already
-- written its event, without reading the whole history of the resource.
CREATE INDEX ON events (resource, request_id)
	WHERE event IN ('signed-on', 'sign-on-refused', 'sessions-ended');

GRANT SELECT, INSERT, UPDATE, DELETE ON used_sign_on_tokens TO provisor_worker;
