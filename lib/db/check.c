#include "lib/db/check.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/db/db.h"
#include "lib/db/migrate.h"
#include "lib/db/server_settings.h"
#include "lib/db/suitability.h"
#include "lib/db/write_probe.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement check_describe_sql;

struct inspection {
	struct db *db;
	struct arena *arena;
	enum db_check_use use;
	const char *place; /* the setting with the connection string */
	struct findings *findings;

	/* From check_describe.sql. */
	const char *version;
	const char *role;
	bool is_superuser, is_owner, has_tables;
	bool is_standby, has_standby, is_pooled;
	int64_t clock_lead; /* s by which the server's clock is ahead */
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
		{ "28P01", "correct user and password in it, or create the role with provisor-create-database" },
		{ "28",    "correct its user, or allow that role in the server's pg_hba.conf" },
		{ "3D000", "correct its dbname, or create the database with provisor-create-database" },
		{ "42501", "log in as provisor_worker" },
		{ "42P01", "run provisor migrate" },
		{ "42703", "run provisor migrate" },
		{ "53100", "free space on the server's disk: until then marketplaces get 503" },
		{ "58030", "read the server's log, and replace the disk" },
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

/* The columns of check_describe.sql, in their order. */
enum {
	DESCRIBE_VERSION,
	DESCRIBE_ROLE,
	DESCRIBE_IS_SUPERUSER,
	DESCRIBE_IS_OWNER,
	DESCRIBE_HAS_TABLES,
	DESCRIBE_IS_STANDBY,
	DESCRIBE_HAS_STANDBY,
	DESCRIBE_BACKEND,
	DESCRIBE_CLOCK
};

static bool describe_database(struct inspection *inspection)
{
	const struct db_rows *rows;

	if (db_run(inspection->db, inspection->arena, &check_describe_sql, NULL,
		   &rows)
	    != OUTCOME_OK)
		return report_database_failure(inspection);
	inspection->version = db_text(rows, 0, DESCRIBE_VERSION);
	inspection->role = db_text(rows, 0, DESCRIBE_ROLE);
	inspection->is_superuser = db_bool(rows, 0, DESCRIBE_IS_SUPERUSER);
	inspection->is_owner = db_bool(rows, 0, DESCRIBE_IS_OWNER);
	inspection->has_tables = db_bool(rows, 0, DESCRIBE_HAS_TABLES);
	inspection->is_standby = db_bool(rows, 0, DESCRIBE_IS_STANDBY);
	inspection->has_standby = db_bool(rows, 0, DESCRIBE_HAS_STANDBY);
	inspection->clock_lead =
		db_number(rows, 0, DESCRIBE_CLOCK) - (int64_t)time(NULL);
	inspection->is_pooled = db_number(rows, 0, DESCRIBE_BACKEND)
		!= db_backend(inspection->db);
	return true;
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

/* A primary that was replaced and comes back serves old rows, and takes writes
 * that the other one never gets. */
static void check_primaries(const struct inspection *inspection)
{
	int count = db_host(inspection->db, 1)
		? db_count_primaries(inspection->db)
		: 1;

	if (count > 1)
		finding_error(inspection->findings,
			      "%s: %d of its hosts are primaries, so their "
			      "contents differ: stop all but the one that was "
			      "promoted last",
			      inspection->place, count);
}

/* Without verify-full, an attacker between this host and the server can
 * impersonate the server, and read and change all data. */
static void check_encryption(const struct inspection *inspection)
{
	const char *host;

	for (int i = 0; (host = db_unverified_host(inspection->db, i)); i++)
		if (*host)
			finding_warning(inspection->findings,
					"%s: the host %s is another host, and "
					"its certificate is not verified, so "
					"another server can take its place: "
					"add sslmode=verify-full, and "
					"sslrootcert with the authority of its "
					"certificate",
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

/* ---- the clock ---- */

/* The database decides when grants, leases and promises end, and the host
 * whether the time of a sign-on is right. */
static void check_clock(const struct inspection *inspection)
{
	int64_t lead = inspection->clock_lead;

	if (lead < -CLOCK_TOLERANCE || lead > CLOCK_TOLERANCE)
		finding_warning(inspection->findings,
				"%s: the clock of the server is %" PRId64
				" s %s this host's, so sign-ons, grants or "
				"promises may be refused too early: "
				"synchronize both clocks, with NTP",
				inspection->place, lead < 0 ? -lead : lead,
				lead < 0 ? "behind" : "ahead of");
}

/* ---- the role ---- */

static void check_role(const struct inspection *inspection)
{
	if (inspection->is_superuser || inspection->is_owner)
		finding_warning(inspection->findings,
				"%s: logs in as %s, %s: use the role "
				"provisor_worker, which cannot delete "
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

static bool check_writes(const struct inspection *inspection)
{
	bool can_write;

	if (write_probe(inspection->db, inspection->arena, &can_write)
	    != OUTCOME_OK)
		return report_database_failure(inspection);
	if (!can_write)
		finding_error(inspection->findings,
			      "%s: transactions are read-only: switch "
			      "default_transaction_read_only off in "
			      "postgresql.conf, or reset it for the role or "
			      "database",
			      inspection->place);
	return can_write;
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

static bool check_serving(const struct inspection *inspection)
{
	/* A superuser or owner is advised to use another role instead. */
	const struct server_settings_use use = {
		.has_standby = inspection->has_standby,
		.is_worker = !inspection->is_superuser && !inspection->is_owner,
	};

	check_clock(inspection);
	check_role(inspection);
	return server_settings_check(inspection->db, inspection->arena, &use,
				     inspection->place, inspection->findings)
		== OUTCOME_OK
		|| report_database_failure(inspection);
}

bool db_check(struct db *db, struct arena *arena, enum db_check_use use,
	      int processes, struct findings *findings)
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
	check_encryption(&inspection);
	check_primaries(&inspection);
	check_pooler(&inspection);
	if (inspection.is_standby)
		return report_standby(&inspection);
	if (!suitability_check(db, arena, inspection.place,
			       inspection.is_pooled ? 0 : processes, findings))
		return false;
	if (use == DB_CHECK_DIRECT) {
		check_direct_role(&inspection);
		return true;
	}
	return check_serving(&inspection) && check_migrations(&inspection)
		&& check_writes(&inspection);
}
