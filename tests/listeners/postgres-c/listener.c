/*
 * listener.c - a role and a database for each resource, both named by its uuid.
 *
 * Build it with
 *
 *	cc -shared -fPIC -I$(pg_config --includedir) \
 *		-o listener.so listener.c -lpq
 *
 * The home also contains pg_service.conf with [admin], a role with CREATEDB and
 * CREATEROLE; .pgpass with its password; and host, the server's address for
 * customers: "db.example.com:5432".
 */
#include <provisor/listener.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libpq-fe.h>

enum { PASSWORD_BYTES = 24, LONGEST = 1024 };

static const struct {
	const char *name;
	int connections;
} plans[] = { { "basic", 5 }, { "premium", 50 } };

static int connections_of(const char *plan)
{
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
		if (strcmp(plans[i].name, plan) == 0)
			return plans[i].connections;
	return 0;
}

static enum provisor_verdict refuse_plan(struct provisor_answer *answer)
{
	answer->message = "There is no such plan.";
	return PROVISOR_REFUSED;
}

/* ---- the server ---- */

static PGconn *connect_as_admin(void)
{
	PGconn *server;

	setenv("PGSERVICEFILE", "pg_service.conf", 1);
	setenv("PGPASSFILE", ".pgpass", 1);
	server = PQconnectdb("service=admin connect_timeout=5");
	if (PQstatus(server) == CONNECTION_OK)
		return server;
	fputs(PQerrorMessage(server), stderr);
	PQfinish(server);
	return NULL;
}

static int is_there(PGconn *server, const char *question, const char *id)
{
	PGresult *result =
		PQexecParams(server, question, 1, NULL, &id, NULL, NULL, 0);
	int found = PQntuples(result) > 0;

	PQclear(result);
	return found;
}

/* Run a statement; each %s must be quoted already.  Return false after printing
 * the error if it fails. */
__attribute__((format(printf, 2, 3))) static int run(PGconn *server,
						     const char *format, ...)
{
	char statement[LONGEST];
	va_list arguments;
	PGresult *result;
	int done;

	va_start(arguments, format);
	vsnprintf(statement, sizeof statement, format, arguments);
	va_end(arguments);
	result = PQexec(server, statement);
	done = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!done)
		fputs(PQerrorMessage(server), stderr);
	PQclear(result);
	return done;
}

/* ---- credentials ---- */

static void make_password(char text[PASSWORD_BYTES * 2 + 1])
{
	unsigned char bytes[PASSWORD_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		abort();
	for (int i = 0; i < PASSWORD_BYTES; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* The server gets only a hash, because its log can contain the statement. */
static int set_password(PGconn *server, const char *id, const char *name,
			const char *password)
{
	char *hash =
		PQencryptPasswordConn(server, password, id, "scram-sha-256");
	int done =
		hash && run(server, "ALTER ROLE %s PASSWORD '%s'", name, hash);

	PQfreemem(hash);
	return done;
}

static const struct provisor_pair *config_of(const char *id,
					     const char *password)
{
	static struct provisor_pair config[2];
	static char url[LONGEST], host[256];
	FILE *file = fopen("host", "r");

	if (!file || !fgets(host, sizeof host, file))
		return NULL;
	fclose(file);
	host[strcspn(host, "\n")] = '\0';
	snprintf(url, sizeof url, "postgres://%s:%s@%s/%s", id, password, host,
		 id);
	config[0] = (struct provisor_pair){ "FAST_DB_URL", url };
	return config;
}

/* ---- actions ---- */

/* A previous attempt may have stopped halfway, so each step checks what exists.
 */
static int make(PGconn *server, const char *id, const char *name,
		int connections)
{
	return (is_there(server, "SELECT FROM pg_roles WHERE rolname = $1", id)
		|| run(server, "CREATE ROLE %s", name))
		&& run(server, "ALTER ROLE %s LOGIN CONNECTION LIMIT %d", name,
		       connections)
		&& run(server, "GRANT %s TO CURRENT_USER", name)
		&& (is_there(server,
			     "SELECT FROM pg_database WHERE datname = $1", id)
		    || run(server, "CREATE DATABASE %s OWNER %s", name, name))
		&& run(server, "REVOKE ALL ON DATABASE %s FROM PUBLIC", name);
}

static enum provisor_verdict
answer_with_password(PGconn *server, const char *id, const char *name,
		     struct provisor_answer *answer)
{
	char password[PASSWORD_BYTES * 2 + 1];

	make_password(password);
	if (!set_password(server, id, name, password))
		return PROVISOR_FAILED;
	answer->config = config_of(id, password);
	return answer->config ? PROVISOR_DONE : PROVISOR_FAILED;
}

static enum provisor_verdict provision(const struct provisor_call *call,
				       struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	int connections = connections_of(call->resource->plan);
	PGconn *server;
	char *name;

	if (connections == 0)
		return refuse_plan(answer);
	server = connect_as_admin();
	if (!server)
		return PROVISOR_FAILED;
	name = PQescapeIdentifier(server, id, strlen(id));
	return make(server, id, name, connections)
		? answer_with_password(server, id, name, answer)
		: PROVISOR_FAILED;
}

static enum provisor_verdict change_plan(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	int connections = connections_of(call->resource->plan);
	PGconn *server;

	if (connections == 0)
		return refuse_plan(answer);
	server = connect_as_admin();
	return server
			&& run(server, "ALTER ROLE %s CONNECTION LIMIT %d",
			       PQescapeIdentifier(server, id, strlen(id)),
			       connections)
		? PROVISOR_DONE
		: PROVISOR_FAILED;
}

static enum provisor_verdict deprovision(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	PGconn *server = connect_as_admin();
	char *name;

	(void)answer;
	if (!server)
		return PROVISOR_FAILED;
	name = PQescapeIdentifier(server, id, strlen(id));
	return run(server, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name)
			&& run(server, "DROP ROLE IF EXISTS %s", name)
		? PROVISOR_DONE
		: PROVISOR_FAILED;
}

/* The database stays, and nobody can connect to it. */
static enum provisor_verdict suspend(const struct provisor_call *call,
				     struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	PGconn *server = connect_as_admin();

	(void)answer;
	if (!server)
		return PROVISOR_FAILED;
	if (!is_there(server, "SELECT FROM pg_roles WHERE rolname = $1", id))
		return PROVISOR_DONE;
	if (!run(server, "ALTER ROLE %s NOLOGIN",
		 PQescapeIdentifier(server, id, strlen(id))))
		return PROVISOR_FAILED;
	is_there(server,
		 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		 "WHERE usename = $1",
		 id);
	return PROVISOR_DONE;
}

/* The password and the number of connections have stayed. */
static enum provisor_verdict resume(const struct provisor_call *call,
				    struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	PGconn *server = connect_as_admin();

	(void)answer;
	return server
			&& run(server, "ALTER ROLE %s LOGIN",
			       PQescapeIdentifier(server, id, strlen(id)))
		? PROVISOR_DONE
		: PROVISOR_FAILED;
}

/* An object that an earlier attempt has renamed no longer has its old name. */
static int rename_kept(PGconn *server, const char *old, const char *name)
{
	const char *old_name = PQescapeIdentifier(server, old, strlen(old));

	if (is_there(server, "SELECT FROM pg_database WHERE datname = $1", old)
	    && (!run(server, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name)
		|| !run(server, "ALTER DATABASE %s RENAME TO %s", old_name,
			name)))
		return 0;
	return !is_there(server, "SELECT FROM pg_roles WHERE rolname = $1", old)
		|| (run(server, "DROP ROLE IF EXISTS %s", name)
		    && run(server, "ALTER ROLE %s RENAME TO %s", old_name,
			   name));
}

/* The role and the database of the kept resource replace those of the new one.
 */
static enum provisor_verdict restore(const struct provisor_call *call,
				     struct provisor_answer *answer)
{
	const char *id = call->resource->uuid;
	int connections = connections_of(call->resource->plan);
	PGconn *server;
	char *name;

	if (connections == 0)
		return refuse_plan(answer);
	server = connect_as_admin();
	if (!server)
		return PROVISOR_FAILED;
	name = PQescapeIdentifier(server, id, strlen(id));
	return rename_kept(server, call->from->uuid, name)
			&& run(server,
			       "ALTER ROLE %s LOGIN CONNECTION LIMIT %d", name,
			       connections)
		? answer_with_password(server, id, name, answer)
		: PROVISOR_FAILED;
}

const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
	.change_plan = change_plan,
	.deprovision = deprovision,
	.suspend = suspend,
	.resume = resume,
	.restore = restore,
};
