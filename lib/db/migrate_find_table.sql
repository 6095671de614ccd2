-- Look for the table of migrations.  Returns one row, or none if it does not
-- exist.
SELECT 1
WHERE to_regclass('migrations') IS NOT NULL
