-- The index of `provisor events list --what`.

-- It has the names of the events in each 128 pages, so it is very small, and an insert
-- rarely changes it.  A list of a rare event reads only pages that can have it.
SELECT 'events_event', 'events',
	'USING brin (event text_bloom_ops (n_distinct_per_range = 32))'
		' WITH (autosummarize = on)'
