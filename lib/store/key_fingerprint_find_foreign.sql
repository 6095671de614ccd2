-- Find a sealing key of $1, an array, whose stored fingerprint differs from that in the
-- array $2.  Returns its id; no row if there is none.
SELECT id
FROM unnest($1::text[], $2::text[]) AS given (id, fingerprint)
JOIN key_fingerprints stored USING (id)
WHERE stored.fingerprint <> given.fingerprint
ORDER BY id
LIMIT 1
