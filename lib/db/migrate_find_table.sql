-- Look for the table of migrations.  Returns one row, or none without it.
SELECT 1
WHERE to_regclass('migrations') IS NOT NULL
