-- Count the jobs of job_list_where.inc.sql, up to $9.
SELECT count(*)
FROM (
	SELECT
	FROM jobs
\ir job_list_where.inc.sql
	LIMIT $9::integer
) counted
