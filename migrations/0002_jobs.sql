-- Work that is left to do for resources.

-- Names the epoch of this database.  A backup that is restored and a standby
-- that is promoted begin another one, in which the last changes may be missing:
-- its name differs in the identifier of the cluster, its timeline, or the table.
CREATE FUNCTION database_epoch() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT system_identifier
		|| ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
		|| ':' || 'resources'::regclass::oid
	FROM pg_control_system()
$$;

-- The epochs of this database, oldest first.  An operator accepts a new one
-- after comparing the resources with the marketplaces.
CREATE TABLE epochs (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	epoch          text NOT NULL,
	noticed_at     timestamptz NOT NULL DEFAULT now(),
	-- The newest event when the epoch was noticed.
	last_event_at  timestamptz,
	accepted_at    timestamptz,
	accepted_by    text
);
INSERT INTO epochs (epoch, accepted_at, accepted_by)
	VALUES (database_epoch(), now(), 'migrate');

CREATE TABLE jobs (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind         text NOT NULL,
	-- The jobs of a resource in one lane run one at a time.
	lane         text NOT NULL CHECK (lane IN ('listener', 'marketplace')),
	resource     uuid NOT NULL REFERENCES resources,
	-- "MARKETPLACE/ADDON" of the resource.
	addon        text NOT NULL,
	payload      jsonb,
	-- A job of an earlier epoch is carried out only if that does no harm.
	epoch        text NOT NULL DEFAULT database_epoch(),
	-- When the job is due.  If this is infinity, the job has given up and
	-- waits for an operator.
	run_at       timestamptz NOT NULL DEFAULT now(),
	-- When run_at and lease_until were set.  If this is later than now, the clock
	-- was set back (job_correct_times.sql).
	timed_at     timestamptz NOT NULL DEFAULT now(),
	attempts     integer NOT NULL DEFAULT 0,
	-- Another job of the resource in this lane comes first.
	follows      boolean NOT NULL DEFAULT false,
	-- The order of due jobs: exchanges of grants, whose codes are valid for
	-- minutes, then what customers wait for, then the rest.  In each of these,
	-- jobs that have failed three times come after the others.
	rank         smallint NOT NULL GENERATED ALWAYS AS (2 * CASE
		WHEN kind = 'exchange' THEN 0
		WHEN kind IN ('provision', 'complete', 'change-plan', 'push-config',
			'rotate', 'resume', 'restore', 'move') THEN 1
		ELSE 2 END + CASE WHEN attempts >= 3 THEN 1 ELSE 0 END) STORED,
	-- A process that carries out the job has claimed it under a random id, until
	-- the lease is over.
	claim        uuid,
	host         text, -- of the process, if it is provisor-jobs
	process      integer, -- its pid there
	lease_until  timestamptz,
	last_error   text,
	-- Of a plan change: when the marketplace got the response that the plan is
	-- being changed.  Otherwise, when the change is undone unless the marketplace
	-- repeats its request.
	promised_at  timestamptz,
	undo_at      timestamptz,
	created_at   timestamptz NOT NULL DEFAULT now(),
	finished_at  timestamptz
);
-- Due jobs in their order, over all add-ons, and of one add-on; the jobs of a
-- resource; those that are leased; and all unfinished jobs, which statements select
-- by timed_at > '-infinity'.
--
-- Each index can be used only by statements that compare its first column.  After
-- a quiet time, the statistics say that no job is unfinished, so PostgreSQL would
-- take any index of unfinished jobs for the shortest way to one of them, and read
-- all of it when many have come since.  For the same reason, statements select the
-- jobs of a resource by a value: resource = (SELECT ...).  A join may read the whole
-- index.
CREATE INDEX ON jobs (rank, run_at)
	WHERE finished_at IS NULL AND NOT follows AND rank IS NOT NULL;
CREATE INDEX ON jobs (addon, rank, run_at)
	WHERE finished_at IS NULL AND NOT follows AND addon IS NOT NULL;
CREATE INDEX ON jobs (resource, id)
	WHERE finished_at IS NULL AND resource IS NOT NULL;
CREATE INDEX ON jobs (lease_until)
	WHERE finished_at IS NULL AND lease_until IS NOT NULL;
CREATE INDEX ON jobs (timed_at)
	WHERE finished_at IS NULL AND timed_at IS NOT NULL;

-- Finds the job that restores or moves a resource: it belongs to the one that gets
-- its content.
CREATE INDEX ON jobs ((payload->>'from'))
	WHERE finished_at IS NULL AND kind IN ('restore', 'move')
		AND payload->>'from' IS NOT NULL;

CREATE FUNCTION time_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.timed_at := now();
	RETURN NEW;
END
$$;

CREATE TRIGGER time_job BEFORE UPDATE OF run_at, lease_until ON jobs
	FOR EACH ROW EXECUTE FUNCTION time_job();

-- The jobs of a resource in one lane: the first of them is the exchange of a grant, if
-- there is one, or else the oldest.  A check of config vars, which waits for minutes,
-- is the last.  A transaction that adds or finishes a job first locks the resource, so
-- that no two of them miss each other.
CREATE FUNCTION name_addon_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SELECT marketplace || '/' || addon INTO NEW.addon
		FROM resources WHERE id = NEW.resource FOR NO KEY UPDATE;
	RETURN NEW;
END
$$;

CREATE FUNCTION order_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	first bigint := (SELECT id FROM jobs
		WHERE resource = NEW.resource AND lane = NEW.lane AND finished_at IS NULL
		ORDER BY kind <> 'exchange', kind = 'check-config', id
		LIMIT 1);
BEGIN
	UPDATE jobs SET follows = (id <> first)
		WHERE resource = NEW.resource AND lane = NEW.lane AND finished_at IS NULL
			AND follows <> (id <> first);
	RETURN NULL;
END
$$;

CREATE TRIGGER name_addon_of_job BEFORE INSERT ON jobs
	FOR EACH ROW EXECUTE FUNCTION name_addon_of_job();
CREATE TRIGGER order_added_job AFTER INSERT ON jobs
	FOR EACH ROW EXECUTE FUNCTION order_jobs();
CREATE TRIGGER order_finished_job AFTER UPDATE OF finished_at ON jobs
	FOR EACH ROW WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL)
	EXECUTE FUNCTION order_jobs();

-- Attempts that did not finish their job.  Only some of many attempts at one job are
-- stored (job_result_put_off.sql).  Append-only, like events.
CREATE TABLE job_attempts (
	-- In one sequence with the events, so that both can be listed in order.
	id          bigint NOT NULL DEFAULT nextval('events_id_seq'),
	at          timestamptz NOT NULL DEFAULT now(),
	job         bigint NOT NULL REFERENCES jobs,
	attempt     integer NOT NULL,
	resource    uuid NOT NULL, -- of the job
	kind        text NOT NULL,
	actor       text NOT NULL,
	request_id  text,
	-- The job is not tried again before an operator retries it.
	gave_up     boolean NOT NULL,
	reason      text NOT NULL,
	PRIMARY KEY (job, attempt)
);
CREATE INDEX ON job_attempts (id);
CREATE INDEX ON job_attempts (resource, id);

-- What operators see as the history of resources.  As long as the person of a
-- customer's event is known, its actor is such as 'customer:jane@example.com'.
CREATE VIEW history AS
	SELECT id, at, resource, event,
		CASE WHEN actor = 'customer' THEN actor || coalesce(
			(SELECT ':' || coalesce(p.email, p.user_id)
			FROM event_people p WHERE p.event = e.id), '')
			ELSE actor END AS actor,
		request_id, before,
		CASE WHEN actor = 'customer' THEN coalesce(
			(SELECT jsonb_strip_nulls(jsonb_build_object('user', p.user_id,
				'email', p.email, 'address', p.address))
				|| coalesce(e.after, '{}')
			FROM event_people p WHERE p.event = e.id), after)
			ELSE after END AS after
	FROM events e
	UNION ALL
	SELECT id, at, resource,
		CASE WHEN gave_up THEN 'job-gave-up' ELSE 'job-put-off' END,
		actor, request_id, NULL,
		jsonb_build_object('job', job, 'kind', kind, 'attempt', attempt,
			'reason', reason)
	FROM job_attempts;

GRANT SELECT, INSERT, UPDATE ON jobs TO provisor_worker;
GRANT SELECT, INSERT (job, attempt, resource, kind, actor, request_id, gave_up, reason)
	ON job_attempts TO provisor_worker;
GRANT USAGE ON SEQUENCE events_id_seq TO provisor_worker;
GRANT SELECT ON history TO provisor_worker;
GRANT SELECT, INSERT, UPDATE ON epochs TO provisor_worker;
