-- Describe what makes a database or a role unsuitable.  Returns one row.  The last
-- column is what the role cannot do, such as "SELECT on jobs", in a line.
SELECT current_setting('server_version_num')::integer,
	current_database(), current_user,
	pg_encoding_to_char(d.encoding),
	current_setting('search_path'),
	(SELECT string_agg(n.nspname, ', ' ORDER BY n.nspname)
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relname = 'migrations' AND c.relkind = 'r'
			AND to_regclass('migrations') IS NULL),
	current_setting('default_transaction_isolation'),
	(SELECT coalesce(min(setting::bigint), 0)
		FROM pg_settings
		WHERE name IN ('statement_timeout', 'transaction_timeout')
			AND setting::bigint > 0),
	nullif(r.rolconnlimit, -1),
	nullif(d.datconnlimit, -1),
	(SELECT sum(CASE name WHEN 'max_connections' THEN setting::integer
			ELSE -setting::integer END)
		FROM pg_settings
		WHERE name IN ('max_connections', 'reserved_connections',
			'superuser_reserved_connections')),
	(SELECT string_agg(one || ' on ' || needs.relation, ', '
			ORDER BY needs.relation, one)
		FROM (VALUES
			('epochs', 'SELECT, INSERT, UPDATE'),
			('event_people', 'SELECT, INSERT'),
			('events', 'SELECT, INSERT'),
			('events_id_seq', 'USAGE'),
			('forget_address', 'EXECUTE'),
			('forget_person', 'EXECUTE'),
			('history', 'SELECT'),
			('job_attempts', 'SELECT, INSERT'),
			('jobs', 'SELECT, INSERT, UPDATE'),
			('key_fingerprints', 'SELECT, INSERT, DELETE'),
			('migrations', 'SELECT'),
			('notifications', 'SELECT, INSERT, UPDATE, DELETE'),
			('remove_old_event_people', 'EXECUTE'),
			('remove_old_events', 'EXECUTE'),
			('remove_old_jobs', 'EXECUTE'),
			('resources', 'SELECT, INSERT, UPDATE'),
			('retention', 'SELECT, UPDATE'),
			('state_transitions', 'SELECT'),
			('used_digests', 'SELECT, INSERT, UPDATE, DELETE')
		) needs (relation, rights),
		regexp_split_to_table(rights, ', ') one
		WHERE NOT CASE one
			WHEN 'USAGE' THEN has_sequence_privilege(
				to_regclass(relation), one)
			WHEN 'EXECUTE' THEN has_function_privilege(
				to_regproc(relation), one)
			WHEN 'DELETE' THEN has_table_privilege(
				to_regclass(relation), one)
			ELSE has_any_column_privilege(
				to_regclass(relation), one) END)
FROM pg_database d, pg_roles r
WHERE d.datname = current_database() AND r.rolname = current_user
