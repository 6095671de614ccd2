-- A marketplace's permission to act for a resource: first a code, then tokens.

-- Each resource has a row from its creation to its deprovision, which is empty
-- if there is no grant.  A renewal is therefore an update, and a resource that
-- is gone cannot get a grant again.
CREATE TABLE grants (
	resource                 uuid PRIMARY KEY REFERENCES resources,
	code                     text, -- sealed
	code_expires_at          timestamptz,
	access_token             text, -- sealed
	refresh_token            text, -- sealed
	previous_refresh_token   text, -- sealed
	access_token_expires_at  timestamptz
);

-- provisor check counts the grants that were missed lately.
CREATE INDEX ON events (at) WHERE event = 'grant-missed';

GRANT SELECT, INSERT, UPDATE, DELETE ON grants TO provisor_worker;
