-- Return whether transactions are read-only, after making the server write a
-- temporary file beside the tables.  The file is gone at the end of the statement,
-- and no table changes.
--
-- A sort of more than work_mem writes to disk.  The join is LATERAL, so that
-- work_mem is set first; it is as before when the statement ends.
SELECT current_setting('transaction_read_only')::boolean
FROM (SELECT set_config('work_mem', '64kB', true) AS work_mem) setting
CROSS JOIN LATERAL (
	SELECT count(*)
	FROM (
		SELECT md5((g + length(setting.work_mem))::text) AS digest
		FROM generate_series(1, 8000) g
		ORDER BY digest
	) sorted
	WHERE digest <> ''
) written
