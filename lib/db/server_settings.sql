-- List the server's settings.  Returns a row for each.
SELECT name, setting
FROM pg_settings
