-- List the transactions of this database that may have written events and are not
-- over: a transaction locks the table before it gets a number for an event, and
-- unlocks it after its commit is visible.  Returns one row: an array as text, of
-- those among $1 unless that is NULL; NULL if there is none.
SELECT array_agg(DISTINCT virtualtransaction)::text
FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND relation IN ('events'::regclass, 'job_attempts'::regclass)
	AND ($1::text IS NULL OR virtualtransaction = ANY ($1::text[]))
