-- Resources and their history.  Sealed columns hold text that can be opened
-- only with the keys file.  The text names the version of its form and the key
-- that sealed it.

-- Returns a time as text for operators, in UTC; NULL for infinity.  PostgreSQL
-- inlines this function.
CREATE FUNCTION iso8601(timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE TABLE resources (
	id                  uuid PRIMARY KEY,
	marketplace         text NOT NULL,
	addon               text NOT NULL,
	-- The marketplace's own id.  Unique, so that a repeated request creates one
	-- resource.  NULL if the marketplace has none, or may use it again after a
	-- deprovision.
	marketplace_id      text,
	-- The "id" of our responses.
	provider_id         text NOT NULL,
	-- SHA-256 of plan, region and options as first requested.  NULL in a
	-- tombstone of a resource that was never provisioned.
	request_digest      bytea,
	name                text,
	plan                text,
	region              text,
	options             jsonb,
	owner               jsonb,
	callback_url        text,
	log_input_url       text, -- sealed
	log_drain_token     text,
	log_drain_url       text, -- sealed
	state               text NOT NULL CHECK (state IN (
		'provisioning', 'provisioned',
		'deprovisioning', 'deprovisioned',
		'refused', 'abandoned')),
	config              text, -- sealed
	message             text,
	plan_message        text,
	-- Incremented by every change, so that one of two concurrent writers finds
	-- the resource changed.
	version             integer NOT NULL DEFAULT 1,
	promised_at         timestamptz,
	promise_expires_at  timestamptz,
	-- Sessions that began earlier have ended.
	sessions_ended_at   timestamptz,
	created_at          timestamptz NOT NULL DEFAULT now(),
	provisioned_at      timestamptz,
	updated_at          timestamptz NOT NULL DEFAULT now(),
	deprovisioned_at    timestamptz,
	CHECK (plan IS NOT NULL
		OR state IN ('deprovisioning', 'deprovisioned')),
	UNIQUE (marketplace, addon, marketplace_id),
	UNIQUE (marketplace, addon, provider_id)
);

-- The changes of state that are allowed.  A deprovision is never undone: a
-- request that was overtaken must not bring a resource back.
CREATE TABLE state_transitions (
	from_state  text,
	to_state    text,
	PRIMARY KEY (from_state, to_state)
);
INSERT INTO state_transitions VALUES
	('provisioning', 'provisioned'),
	('provisioning', 'refused'),
	('provisioning', 'abandoned'),
	('provisioning', 'deprovisioning'),
	('provisioning', 'deprovisioned'),
	('provisioned', 'deprovisioning'),
	('provisioned', 'deprovisioned'),
	('refused', 'deprovisioning'),
	('refused', 'deprovisioned'),
	('abandoned', 'provisioning'),
	('abandoned', 'deprovisioning'),
	('abandoned', 'deprovisioned'),
	('deprovisioning', 'deprovisioned');

CREATE FUNCTION check_state_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM state_transitions
		WHERE from_state = OLD.state AND to_state = NEW.state)
	THEN
		RAISE check_violation USING
			MESSAGE = format('resource %s cannot change from %s to %s',
				OLD.id, OLD.state, NEW.state),
			HINT = 'state_transitions has the allowed changes',
			TABLE = TG_TABLE_NAME;
	END IF;
	RETURN NULL;
END
$$;

-- This runs after the update, because a trigger before it would lock each row a
-- second time.
CREATE TRIGGER check_state_transition AFTER UPDATE OF state ON resources
	FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
	EXECUTE FUNCTION check_state_transition();

-- Append-only: the worker's role may not change or delete a row.
CREATE TABLE events (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          timestamptz NOT NULL DEFAULT now(),
	resource    uuid NOT NULL REFERENCES resources,
	event       text NOT NULL,
	actor       text NOT NULL,
	request_id  text,
	before      jsonb,
	after       jsonb
);
CREATE INDEX ON events (resource, id);

GRANT SELECT ON migrations, state_transitions TO provisor_worker;
GRANT SELECT, INSERT, UPDATE ON resources TO provisor_worker;
GRANT SELECT, INSERT ON events TO provisor_worker;
