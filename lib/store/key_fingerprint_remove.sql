-- Forget the fingerprint of the sealing key $1.
DELETE FROM key_fingerprints
WHERE id = $1
