-- Read the highest number that an event has been given, also by a transaction that
-- is not committed, and the epoch of the database.  Returns one row.
SELECT coalesce(pg_sequence_last_value('events_id_seq'), 0), database_epoch()
