-- Write the event that customer $2 at address $6 is shown the config vars of
-- resource $1, at most once a minute.  A row with a digest of the three, which
-- expires after a minute, ensures this.
WITH person AS (
	SELECT id, encode(sha256(convert_to(concat_ws(' ', 'reveal', id, $2::text,
		$6::text), 'UTF8')), 'hex') AS digest
	FROM resources
	WHERE id = $1
), expired AS (
	DELETE FROM used_sign_on_tokens
	WHERE expires_at < now() - interval '1min'
		AND digest NOT IN (SELECT digest FROM person)
), first AS (
	INSERT INTO used_sign_on_tokens (digest, request_id, expires_at)
	SELECT digest, $3, now() + interval '1min'
	FROM person
	ON CONFLICT (digest) DO UPDATE
	SET request_id = excluded.request_id, expires_at = excluded.expires_at
	WHERE used_sign_on_tokens.expires_at <= now()
	RETURNING request_id
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT person.id, 'config-revealed', $2, first.request_id,
	jsonb_strip_nulls(jsonb_build_object(
		'user', $4::text, 'email', $5::text, 'address', $6::text,
		'reason', $7::text))
FROM person, first
