-- Resources and their history.  Sealed columns hold text that only the keys file
-- opens; it names the version of its form and the key that sealed it.

CREATE TABLE resources (
	id                uuid PRIMARY KEY,
	marketplace       text NOT NULL,
	addon             text NOT NULL,
	-- The marketplace's own id.  Unique, so that a repeated request creates one
	-- resource.  NULL if the marketplace has none, or may use it again after a
	-- deprovision.
	marketplace_id    text,
	-- The "id" of our responses.
	provider_id       text NOT NULL,
	-- SHA-256 of plan, region and options as first requested.  NULL if the
	-- resource was never requested: a tombstone or an import.
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
	-- Goes up with every change, so that of two concurrent writers one finds the
	-- resource changed.
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

GRANT SELECT ON migrations TO provisor_worker;
GRANT SELECT, INSERT, UPDATE ON resources TO provisor_worker;
GRANT SELECT, INSERT ON events TO provisor_worker;
