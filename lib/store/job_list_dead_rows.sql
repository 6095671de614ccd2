-- Count the dead rows of the table of jobs, as PostgreSQL's statistics know them, if
-- they are more than $1 and more than half of the live ones.  Returns 0 otherwise.
SELECT coalesce(sum(n_dead_tup), 0)::bigint
FROM pg_stat_user_tables
WHERE relid = 'jobs'::regclass AND n_dead_tup > $1::bigint
	AND n_dead_tup > n_live_tup / 2
