-- Read the number of the last migration.  Returns one row; 0
-- if no migration has been applied.
SELECT coalesce(max(number), 0)
FROM migrations
