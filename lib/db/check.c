#include "lib/db/check.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/db/db.h"
#include "lib/db/migrate.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement check_describe_sql, check_settings_sql;

struct inspection {
	struct db *db;
	struct arena *arena;
	enum db_check_use use;
	const char *place; /* the setting with the connection string */
	struct findings *findings;

	/* From check_describe.sql and check_settings.sql. */
	const char *version;
	const char *role;
	bool is_superuser, is_owner, has_tables;
	bool is_standby, has_standby, is_pooled;
	const struct db_rows *settings;
};

/* ---- the connection ---- */

/* Return what an operator can do about an SQLSTATE. */
static const char *find_remedy(const char *state)
{
	/* clang-format off */
	static const struct {
		const char *prefix;
		const char *remedy;
	} remedies[] = {
		{ "28P01", "correct user and password in it, or create the role with migrations/roles.sql" },
		{ "28",    "correct its user, or allow that role in the server's pg_hba.conf" },
		{ "3D000", "correct its dbname, or create the database with migrations/roles.sql" },
		{ "42501", "log in with the worker's role of migrations/roles.sql" },
		{ "42P01", "run provisor migrate" },
		{ "42703", "run provisor migrate" },
		{ "53300", "raise the server's max_connections, or run fewer workers" },
		{ "57P03", "wait until the server has started, and read its log if that takes long" },
		{ "F0",    "quote values that contain blanks; in a URI percent-encode all but letters and digits" },
		{ "",      "correct host, port and password in it, or start PostgreSQL" },
	};
	/* clang-format on */
	size_t i = 0;

	while (strncmp(state, remedies[i].prefix, strlen(remedies[i].prefix))
	       != 0)
		i++;
	return remedies[i].remedy;
}

static bool report_database_failure(const struct inspection *inspection)
{
	finding_error(inspection->findings, "%s: %s: %s", inspection->place,
		      db_failure(inspection->db),
		      find_remedy(db_failure_state(inspection->db)));
	return false;
}

/* The columns of check_describe.sql and check_settings.sql, in their order. */
enum {
	DESCRIBE_VERSION,
	DESCRIBE_ROLE,
	DESCRIBE_IS_SUPERUSER,
	DESCRIBE_IS_OWNER,
	DESCRIBE_HAS_TABLES,
	DESCRIBE_IS_STANDBY,
	DESCRIBE_HAS_STANDBY,
	DESCRIBE_BACKEND
};
enum { SETTINGS_NAME, SETTINGS_VALUE };

static bool describe_database(struct inspection *inspection)
{
	const struct db_rows *rows;

	if (db_run(inspection->db, inspection->arena, &check_describe_sql, NULL,
		   &rows)
		    != OUTCOME_OK
	    || db_run(inspection->db, inspection->arena, &check_settings_sql,
		      NULL, &inspection->settings)
		    != OUTCOME_OK)
		return report_database_failure(inspection);
	inspection->version = db_text(rows, 0, DESCRIBE_VERSION);
	inspection->role = db_text(rows, 0, DESCRIBE_ROLE);
	inspection->is_superuser = db_bool(rows, 0, DESCRIBE_IS_SUPERUSER);
	inspection->is_owner = db_bool(rows, 0, DESCRIBE_IS_OWNER);
	inspection->has_tables = db_bool(rows, 0, DESCRIBE_HAS_TABLES);
	inspection->is_standby = db_bool(rows, 0, DESCRIBE_IS_STANDBY);
	inspection->has_standby = db_bool(rows, 0, DESCRIBE_HAS_STANDBY);
	inspection->is_pooled = db_number(rows, 0, DESCRIBE_BACKEND)
		!= db_backend(inspection->db);
	return true;
}

/*
 * Return the value of a server setting, or "" if this server does not have it.
 */
static const char *server_setting(const struct inspection *inspection,
				  const char *name)
{
	for (int i = 0; i < db_count(inspection->settings); i++)
		if (strcmp(db_text(inspection->settings, i, SETTINGS_NAME),
			   name)
		    == 0)
			return db_text(inspection->settings, i, SETTINGS_VALUE);
	return "";
}

/* ---- hosts and poolers ---- */

static bool is_in_hosts_file(const char *name)
{
	bool found = false;
	struct hostent *entry;

	sethostent(0);
	while (!found && (entry = gethostent())) {
		found = strcasecmp(entry->h_name, name) == 0;
		for (char **alias = entry->h_aliases; *alias; alias++)
			found = found || strcasecmp(*alias, name) == 0;
	}
	endhostent();
	return found;
}

/* Return true if libpq asks a DNS server for the address of host. */
static bool needs_resolver(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return *host && !strchr("/@", *host)
		&& inet_pton(AF_INET, host, address) != 1
		&& inet_pton(AF_INET6, host, address) != 1
		&& !is_in_hosts_file(host);
}

static void check_hosts(const struct inspection *inspection)
{
	const char *host;

	for (int i = 0; (host = db_host(inspection->db, i)); i++)
		if (needs_resolver(host))
			finding_warning(inspection->findings,
					"%s: the host %s is a name, and libpq "
					"waits for a slow DNS server longer "
					"than any time limit: write its "
					"address, or add it to /etc/hosts",
					inspection->place, host);
}

static void check_pooler(const struct inspection *inspection)
{
	if (!inspection->is_pooled)
		return;
	if (inspection->use == DB_CHECK_DIRECT)
		finding_warning(inspection->findings,
				"%s: connects through a pooler: connect to "
				"the server itself",
				inspection->place);
	else if (inspection->use == DB_CHECK_ALL)
		finding_warning(inspection->findings,
				"%s: connects through a pooler, which suits "
				"only the pools: set PROVISOR_DATABASE_DIRECT "
				"to the server itself, for provisor-jobs and "
				"provisor migrate",
				inspection->place);
	else
		finding_ok(inspection->findings,
			   "%s: connects through a pooler", inspection->place);
}

/* ---- the role ---- */

static void check_role(const struct inspection *inspection)
{
	if (inspection->is_superuser || inspection->is_owner)
		finding_warning(inspection->findings,
				"%s: logs in as %s, %s: use the worker's role "
				"of migrations/roles.sql, which cannot delete "
				"resources or change events",
				inspection->place, inspection->role,
				inspection->is_superuser
					? "a superuser"
					: "the owner of the tables");
}

/* provisor-jobs needs no more rights than the pools. */
static void check_direct_role(const struct inspection *inspection)
{
	if (inspection->has_tables && !inspection->is_owner
	    && !inspection->is_superuser)
		finding_ok(inspection->findings,
			   "%s: logs in as %s, which suits provisor-jobs; "
			   "provisor migrate needs the owner's role: name "
			   "other settings with its option --env",
			   inspection->place, inspection->role);
}

/* ---- migrations ---- */

static bool check_migrations(const struct inspection *inspection)
{
	int missing;

	if (migrate_count_missing(inspection->db, inspection->arena, &missing)
	    != OUTCOME_OK)
		return report_database_failure(inspection);
	if (missing > 0)
		finding_error(inspection->findings,
			      "%s: lacks %d of the migrations: run provisor "
			      "migrate",
			      inspection->place, missing);
	else if (missing < 0)
		finding_ok(inspection->findings,
			   "%s: is newer than this program by %d migrations, "
			   "which is expected during an upgrade",
			   inspection->place, -missing);
	return missing <= 0;
}

/* ---- server settings ---- */

struct setting_rule {
	const char *name;
	const char *bad;
	bool is_error;
	const char *cause, *remedy;
};

static void apply_rules(const struct inspection *inspection,
			const struct setting_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct setting_rule *r = &rules[i];

		if (strcmp(server_setting(inspection, r->name), r->bad) != 0)
			continue;
		if (r->is_error)
			finding_error(inspection->findings,
				      "%s: %s is %s, %s: %s", inspection->place,
				      r->name, r->bad, r->cause, r->remedy);
		else
			finding_warning(inspection->findings,
					"%s: %s is %s, %s: %s",
					inspection->place, r->name, r->bad,
					r->cause, r->remedy);
	}
}

static void check_durability(const struct inspection *inspection)
{
	static const char in_file[] =
		"switch it on in postgresql.conf and reload the server";
	static const struct setting_rule rules[] = {
		{ "fsync", "off", true,
		  "so a crash of the machine can lose the whole database",
		  in_file },
		{ "full_page_writes", "off", true,
		  "so a crash of the machine can corrupt tables", in_file },
		{ "synchronous_commit", "off", true,
		  "so a crash can lose changes that a marketplace relies on",
		  "switch it on in postgresql.conf, or reset it for the role "
		  "or database" },
	};

	apply_rules(inspection, rules, COUNT(rules));
}

static void check_failover(const struct inspection *inspection)
{
	bool is_synchronous =
		*server_setting(inspection, "synchronous_standby_names");

	if (!inspection->has_standby)
		return;
	if (!is_synchronous)
		finding_warning(inspection->findings,
				"%s: has a standby but no "
				"synchronous_standby_names, so a failover may "
				"lose changes that a marketplace relies on: "
				"set them in postgresql.conf",
				inspection->place);
	else if (strcmp(server_setting(inspection, "synchronous_commit"),
			"local")
		 == 0)
		finding_warning(inspection->findings,
				"%s: synchronous_commit is local, so a "
				"failover may lose changes that a marketplace "
				"relies on: set it to on",
				inspection->place);
}

static void check_limits(const struct inspection *inspection)
{
	static const struct setting_rule rules[] = {
		{ "statement_timeout", "0", false,
		  "so a statement continues after its time limit",
		  "ALTER ROLE provisor_worker SET statement_timeout = '5s'" },
		{ "lock_timeout", "0", false,
		  "so a statement can wait for a lock without limit",
		  "ALTER ROLE provisor_worker SET lock_timeout = '3s'" },
		{ "client_connection_check_interval", "0", false,
		  "so the server continues the statements of a worker that is gone",
		  "ALTER ROLE provisor_worker SET "
		  "client_connection_check_interval = '1s'" },
	};

	/* A superuser or owner is advised to use another role instead. */
	if (!inspection->is_superuser && !inspection->is_owner)
		apply_rules(inspection, rules, COUNT(rules));
}

static bool report_standby(const struct inspection *inspection)
{
	finding_error(inspection->findings,
		      "%s: the server is a standby, which is read-only: name "
		      "the primary, or all servers with "
		      "target_session_attrs=read-write",
		      inspection->place);
	return false;
}

static void check_serving(const struct inspection *inspection)
{
	check_role(inspection);
	check_durability(inspection);
	check_failover(inspection);
	check_limits(inspection);
}

bool db_check(struct db *db, struct arena *arena, enum db_check_use use,
	      struct findings *findings)
{
	struct inspection inspection = {
		.db = db,
		.arena = arena,
		.use = use,
		.place = use == DB_CHECK_DIRECT ? "PROVISOR_DATABASE_DIRECT"
						: "PROVISOR_DATABASE",
		.findings = findings,
	};

	if (!describe_database(&inspection))
		return false;
	finding_ok(findings, "%s: PostgreSQL %s, as %s", inspection.place,
		   inspection.version, inspection.role);
	check_hosts(&inspection);
	check_pooler(&inspection);
	if (inspection.is_standby)
		return report_standby(&inspection);
	if (use == DB_CHECK_DIRECT) {
		check_direct_role(&inspection);
		return true;
	}
	check_serving(&inspection);
	return check_migrations(&inspection);
}
