-- Describe the server and the role that we log in as.  Returns one row.
SELECT current_setting('server_version'), current_user, r.rolsuper,
	coalesce((SELECT pg_has_role(c.relowner, 'USAGE')
		FROM pg_class c
		WHERE c.oid = to_regclass('resources')), false),
	to_regclass('resources') IS NOT NULL,
	pg_is_in_recovery(),
	EXISTS (SELECT FROM pg_stat_replication)
		OR EXISTS (SELECT FROM pg_replication_slots
			WHERE slot_type = 'physical'),
	pg_backend_pid(),
	extract(epoch FROM clock_timestamp())::bigint
FROM pg_roles r
WHERE r.rolname = current_user
