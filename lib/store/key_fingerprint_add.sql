-- Store the fingerprints $2 of the sealing keys $1, two arrays, unless keys with
-- these ids are stored.
INSERT INTO key_fingerprints (id, fingerprint)
SELECT *
FROM unnest($1::text[], $2::text[])
ON CONFLICT DO NOTHING
