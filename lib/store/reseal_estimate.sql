-- Estimate the number of resources.  Returns one row.
SELECT reltuples::bigint
FROM pg_class
WHERE oid = 'resources'::regclass
