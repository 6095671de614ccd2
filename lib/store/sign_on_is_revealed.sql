-- Return whether the customer with e-mail $3, or else user id $2, at address $4 asked to see the config vars of
-- resource $1 in the last minute.  The event may be up to a minute older.
SELECT EXISTS (SELECT
	FROM used_digests
	WHERE digest = encode(sha256(convert_to(concat_ws(' ', 'reveal', $1::uuid,
			coalesce($3::text, $2::text), $4::text), 'UTF8')), 'hex')
		AND expires_at > now() - interval '1min'
		AND expires_at <= now() + interval '1min')
