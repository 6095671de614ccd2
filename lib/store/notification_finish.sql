-- Note that the notification about the subject $2 of resource $1 of the time $3, of
-- which it is number $4, has taken effect.  Returns a row; none if another one is the
-- last.
UPDATE notifications
SET handled_at = coalesce(handled_at, now())
WHERE resource = $1 AND subject = $2 AND created_at = $3::bigint
	AND cardinality(reported) = $4::integer
RETURNING resource
