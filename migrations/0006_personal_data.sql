-- What provisor erases about customers.

-- A deprovisioned resource keeps its ids, its plan and, for a while
-- (0005_retention.sql), its name, and nothing else that its customer has entered, and
-- no secret.  One that can be restored also keeps what a restore needs: config vars,
-- options and owner.  This trigger is the only place that erases the rest.
CREATE FUNCTION erase_resource() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state = 'deprovisioned' THEN
		NEW.config := NULL;
		NEW.former_marketplace_id := NULL;
		NEW.options := NULL;
		-- Without a key, it would confirm guesses of the options.
		NEW.request_digest := NULL;
		NEW.owner := NULL;
		NEW.kept_until := NULL;
	END IF;
	NEW.callback_url := NULL;
	NEW.log_input_url := NULL;
	NEW.logplex_token := NULL;
	NEW.log_drain_token := NULL;
	NEW.log_drain_url := NULL;
	NEW.message := NULL;
	NEW.plan_message := NULL;
	NEW.grant_code := NULL;
	NEW.grant_code_expires_at := NULL;
	NEW.access_token := NULL;
	NEW.refresh_token := NULL;
	NEW.previous_refresh_token := NULL;
	NEW.access_token_expires_at := NULL;
	NEW.grant_ended_at := coalesce(NEW.grant_ended_at, now());
	NEW.deprovisioned_at := coalesce(NEW.deprovisioned_at, now());
	RETURN NEW;
END
$$;

CREATE TRIGGER erase_resource BEFORE UPDATE OF state ON resources
	FOR EACH ROW WHEN (NEW.state IN ('kept', 'deprovisioned'))
	EXECUTE FUNCTION erase_resource();

-- `provisor people` finds a person by the e-mail address, regardless of case, also
-- inside texts that listeners and operators have written.

-- Returns a regular expression for an e-mail address that is not part of a longer one.
-- In JSON, it may follow an escape such as \n.
CREATE FUNCTION address_pattern(address text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT '(?:(?<![[:alnum:]._%+-])|(?<=\\[bfnrt]))'
		|| regexp_replace(address, '([^[:alnum:]_])', '\\\1', 'g')
		|| '(?![[:alnum:]_-]|\.[[:alnum:]])'
$$;

-- Most texts lack the address, so the expression is tried last.
CREATE FUNCTION has_address(value text, address text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT position(lower(address) IN lower(value)) > 0
		AND value ~* address_pattern(address)
$$;

CREATE FUNCTION erase_address(value text, address text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT regexp_replace(value, address_pattern(address), '[erased]', 'gi')
$$;

-- The worker's role cannot change events.  These functions erase one e-mail address from
-- those with the numbers after first to last, and nothing else: the first returns the
-- events that have no person any more, the second the number of rows whose texts had
-- the address.

CREATE FUNCTION forget_person(person text, first bigint, last bigint)
	RETURNS SETOF bigint
	LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	DELETE FROM event_people
	WHERE lower(coalesce(email, user_id)) = lower(person)
		AND event > first AND event <= last
	RETURNING event
$$;

-- A request id must stay unique, so one with the address is erased as a whole.
CREATE FUNCTION forget_address(address text, first bigint, last bigint)
	RETURNS bigint
	LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	WITH changed AS (
		UPDATE events
		SET actor = erase_address(actor, address),
			request_id = CASE WHEN NOT has_address(request_id, address)
				THEN request_id END,
			before = erase_address(before::text, address)::jsonb,
			after = erase_address(after::text, address)::jsonb
		WHERE id > first AND id <= last
			AND address ~ '^[^[:space:]@]+@[^[:space:]@]+$'
			AND has_address(concat_ws(' ', actor, request_id, before, after),
				address)
		RETURNING id
	), changed_attempts AS (
		UPDATE job_attempts
		SET actor = erase_address(actor, address),
			request_id = erase_address(request_id, address),
			reason = erase_address(reason, address)
		WHERE id > first AND id <= last
			AND address ~ '^[^[:space:]@]+@[^[:space:]@]+$'
			AND has_address(concat_ws(' ', actor, request_id, reason), address)
		RETURNING id
	)
	SELECT (SELECT count(*) FROM changed) + (SELECT count(*) FROM changed_attempts)
$$;

REVOKE EXECUTE ON FUNCTION forget_person, forget_address FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_person, forget_address TO provisor_worker;
