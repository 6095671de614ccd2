-- Work that is left to do for resources.

CREATE TABLE jobs (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind         text NOT NULL,
	-- The jobs of a resource in one lane run one at a time.
	lane         text NOT NULL CHECK (lane IN ('listener', 'marketplace')),
	resource     uuid NOT NULL REFERENCES resources,
	payload      jsonb,
	-- When the job is due.  If this is infinity, the job has given up and
	-- waits for an operator.
	run_at       timestamptz NOT NULL DEFAULT now(),
	attempts     integer NOT NULL DEFAULT 0,
	-- A process that carries out the job has claimed it under a random id, until
	-- the lease is over.
	claim        uuid,
	lease_until  timestamptz,
	last_error   text,
	created_at   timestamptz NOT NULL DEFAULT now(),
	finished_at  timestamptz
);
CREATE INDEX ON jobs (run_at) WHERE finished_at IS NULL;
CREATE INDEX ON jobs (resource, id) WHERE finished_at IS NULL;
-- Exchanges of grants run before other jobs; this index finds them.
CREATE INDEX ON jobs (run_at) WHERE finished_at IS NULL AND kind = 'exchange';

GRANT SELECT, INSERT, UPDATE ON jobs TO provisor_worker;
