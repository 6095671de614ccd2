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

struct look {
	struct db *db;
	struct arena *arena;
	enum db_check_use use;
	const char *place; /* the setting's name */
	struct findings *findings;

	/* What the server says of itself and of us. */
	const char *version;
	const char *role;
	bool is_superuser, is_owner, has_tables;
	bool is_standby, has_standby, is_pooled;
	const struct db_rows *settings;
};

/* ---- can it be asked at all? ---- */

/* What helps against an SQLSTATE, told behind the server's own words. */
static const char *remedy_of(const char *state)
{
	/* clang-format off */
	static const struct {
		const char *prefix;
		const char *remedy;
	} remedies[] = {
		{ "28P01", "correct user and password in it, or make the role as migrations/roles.sql does" },
		{ "28",    "correct its user, or let that role in by the server's pg_hba.conf" },
		{ "3D000", "correct its dbname, or make the database as migrations/roles.sql does" },
		{ "42501", "log in with the role that the migrations grant rights to" },
		{ "42P01", "run provisor migrate" },
		{ "42703", "run provisor migrate" },
		{ "53300", "raise the server's max_connections, or have fewer workers" },
		{ "57P03", "wait until the server has started; its log says what takes long" },
		{ "F0",    "quote values with blanks in it; in a URI percent-encode what is not a letter or digit" },
		{ "",      "correct host, port and password in it, or start PostgreSQL" },
	};
	/* clang-format on */
	size_t i = 0;

	while (strncmp(state, remedies[i].prefix, strlen(remedies[i].prefix))
	       != 0)
		i++;
	return remedies[i].remedy;
}

static bool refuse(const struct look *look)
{
	finding_error(look->findings, "%s: %s: %s", look->place,
		      db_failure(look->db),
		      remedy_of(db_failure_state(look->db)));
	return false;
}

static bool ask(struct look *look)
{
	const struct db_rows *rows;

	if (db_run(look->db, look->arena, &check_describe_sql, NULL, &rows)
		    != OUTCOME_OK
	    || db_run(look->db, look->arena, &check_settings_sql, NULL,
		      &look->settings)
		    != OUTCOME_OK)
		return refuse(look);
	look->version = db_text(rows, 0, 0);
	look->role = db_text(rows, 0, 1);
	look->is_superuser = db_bool(rows, 0, 2);
	look->is_owner = db_bool(rows, 0, 3);
	look->has_tables = db_bool(rows, 0, 4);
	look->is_standby = db_bool(rows, 0, 5);
	look->has_standby = db_bool(rows, 0, 6);
	look->is_pooled = db_number(rows, 0, 7) != db_backend(look->db);
	return true;
}

/* Empty for a setting that this server does not have. */
static const char *setting(const struct look *look, const char *name)
{
	for (int i = 0; i < db_count(look->settings); i++)
		if (strcmp(db_text(look->settings, i, 0), name) == 0)
			return db_text(look->settings, i, 1);
	return "";
}

/* ---- the way there ---- */

static bool stands_in_hosts_file(const char *name)
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

/* Must a resolver be asked where this host is? */
static bool needs_resolver(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return *host && !strchr("/@", *host)
		&& inet_pton(AF_INET, host, address) != 1
		&& inet_pton(AF_INET6, host, address) != 1
		&& !stands_in_hosts_file(host);
}

static void check_hosts(const struct look *look)
{
	const char *host;

	for (int i = 0; (host = db_host(look->db, i)); i++)
		if (needs_resolver(host))
			finding_warning(look->findings,
					"%s: the host %s is a name, and libpq "
					"waits for a slow resolver beyond "
					"every limit of ours: write its "
					"address, or put it into /etc/hosts",
					look->place, host);
}

static void check_pooler(const struct look *look)
{
	if (!look->is_pooled)
		return;
	if (look->use == DATABASE_DIRECT)
		finding_warning(look->findings,
				"%s: a pooler is between: let it lead past "
				"that, to the server itself",
				look->place);
	else if (look->use == DATABASE_FOR_ALL)
		finding_warning(look->findings,
				"%s: a pooler is between, which is fine for "
				"the pools: have PROVISOR_DATABASE_DIRECT lead "
				"past it, for provisor-jobs and provisor "
				"migrate",
				look->place);
	else
		finding_ok(look->findings,
			   "%s: a pooler is between, which is fine",
			   look->place);
}

/* ---- who we are there ---- */

static void check_role(const struct look *look)
{
	if (look->is_superuser || look->is_owner)
		finding_warning(look->findings,
				"%s: logs in as %s, %s: use the worker's role "
				"of migrations/roles.sql, which can neither "
				"delete a resource nor change an event",
				look->place, look->role,
				look->is_superuser ? "a superuser"
						   : "who owns the tables");
}

/* provisor-jobs needs no more than the pools; provisor migrate has its own
 * settings, with --env. */
static void check_direct_role(const struct look *look)
{
	if (look->has_tables && !look->is_owner && !look->is_superuser)
		finding_ok(look->findings,
			   "%s: logs in as %s, which is right for "
			   "provisor-jobs; provisor migrate needs the owner's "
			   "role: give it settings of its own with --env",
			   look->place, look->role);
}

/* ---- what is in it ---- */

static bool check_migrations(const struct look *look)
{
	int missing;

	if (migrate_count_missing(look->db, look->arena, &missing)
	    != OUTCOME_OK)
		return refuse(look);
	if (missing > 0)
		finding_error(look->findings,
			      "%s: lacks %d of the migrations: run provisor "
			      "migrate",
			      look->place, missing);
	else if (missing < 0)
		finding_ok(look->findings,
			   "%s: is newer than this program, by %d migrations, "
			   "which is fine while an upgrade is under way",
			   look->place, -missing);
	return missing <= 0;
}

/* ---- does it keep what it says it has kept? ---- */

struct rule {
	const char *name;
	const char *bad;
	bool is_error;
	const char *cause, *remedy;
};

static void apply(const struct look *look, const struct rule *rules,
		  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = &rules[i];

		if (strcmp(setting(look, r->name), r->bad) != 0)
			continue;
		if (r->is_error)
			finding_error(look->findings, "%s: %s is %s, %s: %s",
				      look->place, r->name, r->bad, r->cause,
				      r->remedy);
		else
			finding_warning(look->findings, "%s: %s is %s, %s: %s",
					look->place, r->name, r->bad, r->cause,
					r->remedy);
	}
}

static void check_durability(const struct look *look)
{
	static const char in_file[] =
		"switch it on in postgresql.conf and reload the server";
	static const struct rule rules[] = {
		{ "fsync", "off", true,
		  "so a crash of the machine can cost all there is", in_file },
		{ "full_page_writes", "off", true,
		  "so a crash of the machine can break the tables", in_file },
		{ "synchronous_commit", "off", true,
		  "so a crash loses what was answered as done",
		  "switch it on in postgresql.conf, or reset it for the role "
		  "or database that has it off" },
	};

	apply(look, rules, COUNT(rules));
}

static void check_failover(const struct look *look)
{
	bool is_synchronous = *setting(look, "synchronous_standby_names");

	if (!look->has_standby)
		return;
	if (!is_synchronous)
		finding_warning(look->findings,
				"%s: has a standby but no "
				"synchronous_standby_names, so a failover may "
				"lose what was answered: set them in "
				"postgresql.conf",
				look->place);
	else if (strcmp(setting(look, "synchronous_commit"), "local") == 0)
		finding_warning(look->findings,
				"%s: synchronous_commit is local, so a "
				"failover may lose what was answered: set it "
				"to on",
				look->place);
}

static void check_limits(const struct look *look)
{
	static const struct rule rules[] = {
		{ "statement_timeout", "0", false,
		  "so a statement that we gave up runs on",
		  "ALTER ROLE provisor_worker SET statement_timeout = '5s'" },
		{ "lock_timeout", "0", false,
		  "so who waits for a lock waits on when we gave up",
		  "ALTER ROLE provisor_worker SET lock_timeout = '3s'" },
		{ "client_connection_check_interval", "0", false,
		  "so the server works on for a worker that is gone",
		  "ALTER ROLE provisor_worker SET "
		  "client_connection_check_interval = '1s'" },
	};

	/* Of any other role the remedy is not to use it. */
	if (!look->is_superuser && !look->is_owner)
		apply(look, rules, COUNT(rules));
}

/* ---- all of it ---- */

static bool refuse_standby(const struct look *look)
{
	finding_error(look->findings,
		      "%s: the server is a standby, which can only be read: "
		      "name the primary, or all of them with "
		      "target_session_attrs=read-write",
		      look->place);
	return false;
}

static void check_serving(const struct look *look)
{
	check_role(look);
	check_durability(look);
	check_failover(look);
	check_limits(look);
}

bool db_check(struct db *db, struct arena *arena, enum db_check_use use,
	      struct findings *findings)
{
	struct look look = {
		.db = db,
		.arena = arena,
		.use = use,
		.place = use == DATABASE_DIRECT ? "PROVISOR_DATABASE_DIRECT"
						: "PROVISOR_DATABASE",
		.findings = findings,
	};

	if (!ask(&look))
		return false;
	finding_ok(findings, "%s: PostgreSQL %s, as %s", look.place,
		   look.version, look.role);
	check_hosts(&look);
	check_pooler(&look);
	if (look.is_standby)
		return refuse_standby(&look);
	if (use == DATABASE_DIRECT) {
		check_direct_role(&look);
		return true;
	}
	check_serving(&look);
	return check_migrations(&look);
}
