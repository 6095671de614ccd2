-- Creates the two roles and the database, unless they exist.  A superuser runs this
-- before the first `provisor migrate`, or has provisor-create-database do both:
--
--     sudo --preserve-env=PROVISOR_OWNER_PASSWORD,PROVISOR_WORKER_PASSWORD \
--         -u postgres psql < migrations/roles.sql
--
-- provisor_owner   owns the tables; only `provisor migrate` logs in as this role
-- provisor_worker  reads and writes rows; the pools and provisor-jobs log in as it
--
-- The passwords come from the environment, so that no process list shows them:
-- PROVISOR_OWNER_PASSWORD and PROVISOR_WORKER_PASSWORD.  A role whose variable is
-- unset or empty gets no password, and can log in by peer or certificate only.

\set ON_ERROR_STOP on
\set QUIET on
\set owner_password ''
\set worker_password ''
\getenv owner_password PROVISOR_OWNER_PASSWORD
\getenv worker_password PROVISOR_WORKER_PASSWORD

-- Keep the passwords out of the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';

SELECT format('CREATE ROLE %I LOGIN', needed.role)
	FROM (VALUES ('provisor_owner'), ('provisor_worker')) AS needed (role)
	WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = needed.role)
\gexec

SELECT format('ALTER ROLE %I PASSWORD %L', role, password)
	FROM (VALUES ('provisor_owner', :'owner_password'),
		('provisor_worker', :'worker_password')) AS given (role, password)
	WHERE password <> ''
\gexec

-- Set on the role, these limits apply through a connection pooler too.  The
-- owner has no limits, because a migration may take long.
ALTER ROLE provisor_worker SET statement_timeout = '5s';
ALTER ROLE provisor_worker SET lock_timeout = '3s';
ALTER ROLE provisor_worker SET client_connection_check_interval = '1s';
-- Statements take a millisecond; with large tables, compiling one takes a second.
ALTER ROLE provisor_worker SET jit = off;

SELECT 'CREATE DATABASE provisor OWNER provisor_owner ENCODING ''UTF8'' TEMPLATE template0'
	WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'provisor')
\gexec
REVOKE ALL ON DATABASE provisor FROM PUBLIC;
GRANT CONNECT ON DATABASE provisor TO provisor_worker;
