-- A marketplace's permission to act for a resource: first a code, then tokens.

-- These are columns of the resource, because each provision stores a code with
-- the resource, and each repeated request reads it.
ALTER TABLE resources
	ADD COLUMN grant_code               text, -- sealed
	ADD COLUMN grant_code_expires_at    timestamptz,
	ADD COLUMN access_token             text, -- sealed
	ADD COLUMN refresh_token            text, -- sealed
	ADD COLUMN previous_refresh_token   text, -- sealed
	ADD COLUMN access_token_expires_at  timestamptz,
	-- When the grant was erased, because the resource is gone or refused.  It
	-- cannot get a grant again.
	ADD COLUMN grant_ended_at           timestamptz;

-- provisor check counts the grants that were missed lately.
CREATE INDEX ON events (at) WHERE event = 'grant-missed';

-- ... and the resources that the marketplace could not confirm.
CREATE INDEX ON events (at) WHERE event = 'unconfirmed';
