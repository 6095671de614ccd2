-- Resources and their history.  Sealed columns hold text that can be opened
-- only with the keys file, and only in this row: they are sealed for its ids,
-- marketplace and add-on.  The text names the version of its form and the key
-- that sealed it.

-- Returns a time as text for operators, in UTC; NULL for infinity.  PostgreSQL
-- inlines this function.
CREATE FUNCTION iso8601(timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- A domain, because PostgreSQL parses each CHECK of a table again for every
-- statement that writes a row; this was a quarter of a provision.
CREATE DOMAIN resource_state AS text CHECK (VALUE IN (
	'provisioning', 'provisioned', 'suspended',
	'kept', 'deprovisioning', 'deprovisioned',
	'refused', 'abandoned', 'moved'));

CREATE TABLE resources (
	id                  uuid PRIMARY KEY,
	marketplace         text NOT NULL,
	addon               text NOT NULL,
	-- The marketplace's own id.  Unique, so that a repeated request creates one
	-- resource.  NULL if the marketplace has none, or may use it again after a
	-- deprovision.
	-- A search by the beginning of an id uses its index only in this collation.
	marketplace_id      text COLLATE "C",
	-- The id of a deprovisioned resource whose marketplace_id is NULL because it
	-- may be used again.  Its secrets are sealed for this id, and it is erased with
	-- them.
	former_marketplace_id text,
	-- The "id" of our responses.
	provider_id         text COLLATE "C" NOT NULL,
	-- SHA-256 of plan, region and options as first requested.  NULL if that
	-- is unknown, and once the resource is deprovisioned.
	request_digest      bytea,
	name                text,
	plan                text,
	-- The plan that the marketplace has, if that is another one: it was promised
	-- a plan change, which was then refused or cancelled.
	marketplace_plan    text,
	region              text,
	options             text, -- sealed: customers enter passwords
	owner               jsonb,
	callback_url        text,
	log_input_url       text, -- sealed
	logplex_token       text, -- sealed
	log_drain_token     text,
	log_drain_url       text, -- sealed
	state               resource_state NOT NULL,
	config              text, -- sealed
	message             text,
	plan_message        text,
	-- Incremented by every change, so that one of two concurrent writers finds
	-- the resource changed.
	version             integer NOT NULL DEFAULT 1,
	promised_at         timestamptz,
	promise_expires_at  timestamptz,
	-- The event that ended all sessions of this time: those whose sign-on is an
	-- earlier event.  The numbers of events are in order even if the clock is not.
	sessions_ended_by   bigint,
	created_at          timestamptz NOT NULL DEFAULT now(),
	provisioned_at      timestamptz,
	updated_at          timestamptz NOT NULL DEFAULT now(),
	deprovisioned_at    timestamptz,
	-- Until when a deprovisioned resource can be restored.
	kept_until          timestamptz,
	-- The resource that has its content or, while a job moves that, is to get it.
	moved_to            uuid,
	moved_at            timestamptz, -- when that job was done
	-- As short as it can be: PostgreSQL parses it again for every statement that
	-- writes a row.
	CHECK (plan IS NOT NULL OR deprovisioned_at IS NOT NULL)
);

-- Each request looks its resource up in one of these.  The id is first, because it
-- is selective and the others are not.  Without statistics, the planner takes an
-- index on marketplace and add-on for as good as these, and then all resources of
-- the add-on are read.  It cannot: look-ups compare in the collation "C", which
-- only these indexes have.
CREATE UNIQUE INDEX resources_marketplace_id ON resources
	(marketplace_id, addon COLLATE "C", marketplace COLLATE "C");
CREATE UNIQUE INDEX resources_provider_id ON resources
	(provider_id, addon COLLATE "C", marketplace COLLATE "C");

-- provisor resources list shows the newest of all or of an add-on, and /metrics has
-- their number by add-on and state.
CREATE INDEX ON resources (created_at, id);
CREATE INDEX ON resources (marketplace, addon, created_at, id, state);
CREATE INDEX ON resources (marketplace_plan) WHERE marketplace_plan IS NOT NULL;

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
	('provisioned', 'suspended'),
	('provisioned', 'kept'),
	('provisioned', 'deprovisioning'),
	('provisioned', 'deprovisioned'),
	('provisioned', 'moved'),
	('moved', 'provisioned'),
	('moved', 'deprovisioning'),
	('moved', 'deprovisioned'),
	('suspended', 'provisioned'),
	('suspended', 'kept'),
	('suspended', 'deprovisioning'),
	('suspended', 'deprovisioned'),
	('kept', 'deprovisioning'),
	('kept', 'deprovisioned'),
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

-- Append-only: the worker's role may not change or delete a row, and PostgreSQL
-- gives a row its id and its time.
--
-- There is no foreign key, which would look up and lock the resource once more for
-- each event: statements take the id from the resource that they have read or
-- changed, and no role but the owner can delete one.
CREATE TABLE events (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          timestamptz NOT NULL DEFAULT now(),
	resource    uuid NOT NULL,
	event       text NOT NULL,
	actor       text NOT NULL,
	request_id  text,
	before      jsonb,
	after       jsonb
);
CREATE INDEX ON events (resource, id);
-- Rows are in the order of time, so this small index finds those of a period.
CREATE INDEX ON events USING brin (at);

-- The person of a customer's event, whose actor is 'customer': what the marketplace
-- says of the person, and the address of the browser.  Apart from the events, because
-- these rows are deleted (0005_retention.sql).
CREATE TABLE event_people (
	event    bigint PRIMARY KEY,
	at       timestamptz NOT NULL DEFAULT now(),
	user_id  text,
	email    text,
	address  text
);
-- Finds a person by the name that the history shows.
CREATE INDEX event_people_name ON event_people (lower(coalesce(email, user_id)));

-- The fingerprints of the sealing keys, from which no key can be computed.  Hosts
-- compare theirs with them.
CREATE TABLE key_fingerprints (
	id           text PRIMARY KEY,
	fingerprint  text NOT NULL,
	added_at     timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, DELETE ON key_fingerprints TO provisor_worker;
GRANT SELECT ON migrations, state_transitions TO provisor_worker;
GRANT SELECT, INSERT, UPDATE ON resources TO provisor_worker;
GRANT SELECT, INSERT (resource, event, actor, request_id, before, after)
	ON events TO provisor_worker;
GRANT SELECT, INSERT (event, user_id, email, address) ON event_people
	TO provisor_worker;
