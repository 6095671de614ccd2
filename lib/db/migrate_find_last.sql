-- Read the number of the last migration.  Returns one row; 0: none applied.
SELECT coalesce(max(number), 0)
FROM migrations
