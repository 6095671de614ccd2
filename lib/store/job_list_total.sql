-- Count the jobs of job_list_where.inc.sql, up to $8.
SELECT count(*)
FROM (
	SELECT
	FROM jobs
\ir job_list_where.inc.sql
	LIMIT $8::integer
) counted
