-- Return whether customer $2 at address $3 asked to see the config vars of
-- resource $1 in the last minute.  The event may be up to a minute older.
SELECT EXISTS (SELECT
	FROM used_sign_on_tokens
	WHERE digest = encode(sha256(convert_to(concat_ws(' ', 'reveal', $1::uuid,
			$2::text, $3::text), 'UTF8')), 'hex')
		AND expires_at > now() - interval '1min')
