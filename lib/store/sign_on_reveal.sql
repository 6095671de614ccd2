-- Record in an event that the customer with e-mail $4, or else user id $3, at address
-- $5 sees the config vars of resource $1, at most once a minute.  A row with a digest
-- of these, which expires after a minute, ensures this.  If it expires later than a
-- minute from now, the clock has been set back.
WITH viewer AS (
	SELECT id, encode(sha256(convert_to(concat_ws(' ', 'reveal', id,
		coalesce($4::text, $3::text), $5::text), 'UTF8')), 'hex') AS digest
	FROM resources
	WHERE id = $1
), first AS (
	INSERT INTO used_digests (digest, request_id, expires_at)
	SELECT digest, $2, now() + interval '1min'
	FROM viewer
	ON CONFLICT (digest) DO UPDATE
	SET request_id = excluded.request_id, expires_at = excluded.expires_at
	WHERE used_digests.expires_at <= now()
		OR used_digests.expires_at > excluded.expires_at
	RETURNING request_id
), event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT viewer.id, 'config-revealed', 'customer', first.request_id
	FROM viewer, first
	RETURNING id
),
\ir sign_on_person.inc.sql
SELECT
