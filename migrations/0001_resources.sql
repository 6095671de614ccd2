-- What provisor keeps.  Sealed columns hold text that only the keys file
-- opens; it names the version and the key it was sealed with.

CREATE TABLE resources (
	id                uuid PRIMARY KEY,
	marketplace       text NOT NULL,
	addon             text NOT NULL,
	-- The marketplace's own id.  Unique, so that a create happens once; NULL
	-- where a dialect has none, or may use it again after a deprovision.
	marketplace_id    text,
	-- What we answer as "id".
	provider_id       text NOT NULL,
	-- SHA-256 of plan, region and options as first asked; NULL in a tombstone
	-- of a resource that never was.
	asked             bytea,
	name              text,
	plan              text,
	region            text,
	options           jsonb,
	owner             jsonb,
	callback_url      text,
	log_input_url     text, -- sealed
	log_drain_token   text,
	log_drain_url     text, -- sealed
	state             text NOT NULL CHECK (state IN (
		'provisioning', 'provisioned',
		'deprovisioning', 'deprovisioned',
		'refused', 'abandoned')),
	config            text, -- sealed
	message           text,
	plan_message      text,
	-- Goes up with every change, so that a writer notices that it lost a race.
	version           integer NOT NULL DEFAULT 1,
	promised_at       timestamptz,
	sessions_since    timestamptz,
	created_at        timestamptz NOT NULL DEFAULT now(),
	provisioned_at    timestamptz,
	updated_at        timestamptz NOT NULL DEFAULT now(),
	deprovisioned_at  timestamptz,
	deadline          timestamptz,
	CHECK (plan IS NOT NULL
		OR state IN ('deprovisioning', 'deprovisioned')),
	UNIQUE (marketplace, addon, marketplace_id),
	UNIQUE (marketplace, addon, provider_id)
);

-- Append-only: the worker's role may not change or delete a row.
CREATE TABLE events (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          timestamptz NOT NULL DEFAULT now(),
	resource    uuid NOT NULL REFERENCES resources,
	what        text NOT NULL,
	actor       text NOT NULL,
	request_id  text,
	before      jsonb,
	after       jsonb
);
CREATE INDEX ON events (resource, id);

CREATE TABLE jobs (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind         text NOT NULL,
	resource     uuid NOT NULL REFERENCES resources,
	payload      jsonb,
	run_at       timestamptz NOT NULL DEFAULT now(),
	attempts     integer NOT NULL DEFAULT 0,
	claim        uuid,
	lease_until  timestamptz,
	last_error   text,
	finished_at  timestamptz
);
CREATE INDEX ON jobs (run_at) WHERE finished_at IS NULL;
CREATE INDEX ON jobs (resource, id) WHERE finished_at IS NULL;

-- A row from the create to the deprovision, empty where there is no grant.
CREATE TABLE grants (
	resource          uuid PRIMARY KEY REFERENCES resources,
	code              text, -- sealed
	code_expires_at   timestamptz,
	access            text, -- sealed
	refresh           text, -- sealed
	previous_refresh  text, -- sealed
	expires_at        timestamptz
);

GRANT SELECT ON migrations TO provisor_worker;
GRANT SELECT, INSERT, UPDATE ON resources, jobs TO provisor_worker;
GRANT SELECT, INSERT ON events TO provisor_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON grants TO provisor_worker;
