#include "lib/db/suitability.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/db/db.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement suitability_sql;

enum { SHORTEST_TIMEOUT = 1000 }; /* ms that a statement may need */

/* The columns of suitability.sql, in their order. */
enum {
	VERSION,
	DATABASE,
	ROLE,
	ENCODING,
	SEARCH_PATH,
	HIDDEN_SCHEMA,
	ISOLATION,
	TIMEOUT,
	ROLE_LIMIT,
	DATABASE_LIMIT,
	SERVER_LIMIT,
	MISSING_RIGHTS
};

struct facts {
	struct arena *arena;
	const struct db_rows *rows;
	int processes;
};

static const char *fact_text(const struct facts *facts, int column)
{
	return db_text(facts->rows, 0, column);
}

static int fact_number(const struct facts *facts, int column)
{
	return (int)db_number(facts->rows, 0, column);
}

/* ---- each returns what is wrong, with the remedy, or NULL ---- */

static const char *judge_version(const struct facts *facts)
{
	int version = fact_number(facts, VERSION);

	if (version >= SUITABILITY_OLDEST)
		return NULL;
	return arena_printf(facts->arena,
			    "PostgreSQL %d is too old: upgrade the server to "
			    "%d or newer",
			    version / 10000, SUITABILITY_OLDEST / 10000);
}

static const char *judge_encoding(const struct facts *facts)
{
	const char *encoding = fact_text(facts, ENCODING);

	if (strcmp(encoding, "UTF8") == 0)
		return NULL;
	return arena_printf(facts->arena,
			    "the encoding of the database %s is %s, which "
			    "cannot store all names: create it with ENCODING "
			    "'UTF8', as provisor-create-database does",
			    fact_text(facts, DATABASE), encoding);
}

static const char *judge_schema(const struct facts *facts)
{
	const char *schema = fact_text(facts, HIDDEN_SCHEMA);

	if (!schema)
		return NULL;
	return arena_printf(facts->arena,
			    "the tables are in the schema %s, which the "
			    "search_path of %s (%s) does not have or which it "
			    "may not use: RESET search_path for the role and "
			    "the database, and grant USAGE on the schema",
			    schema, fact_text(facts, ROLE),
			    fact_text(facts, SEARCH_PATH));
}

static const char *judge_isolation(const struct facts *facts)
{
	const char *isolation = fact_text(facts, ISOLATION);

	if (strcmp(isolation, "read committed") == 0)
		return NULL;
	return arena_printf(facts->arena,
			    "default_transaction_isolation is %s, so "
			    "concurrent requests fail: RESET it for the role "
			    "%s and the database %s, or in postgresql.conf",
			    isolation, fact_text(facts, ROLE),
			    fact_text(facts, DATABASE));
}

static const char *judge_timeout(const struct facts *facts)
{
	int timeout = fact_number(facts, TIMEOUT);

	if (timeout == 0 || timeout >= SHORTEST_TIMEOUT)
		return NULL;
	return arena_printf(facts->arena,
			    "statements of %s end after %d ms, which is too "
			    "short for long lists: ALTER ROLE %s SET "
			    "statement_timeout = '5s', and RESET "
			    "transaction_timeout",
			    fact_text(facts, ROLE), timeout,
			    fact_text(facts, ROLE));
}

static const char *judge_rights(const struct facts *facts)
{
	const char *missing = fact_text(facts, MISSING_RIGHTS);

	if (!missing)
		return NULL;
	if (strstr(missing, "SELECT on resources"))
		return arena_printf(facts->arena,
				    "the role %s has no rights to the tables: "
				    "log in as provisor_worker",
				    fact_text(facts, ROLE));
	return arena_printf(facts->arena,
			    "the role %s lacks %s: run provisor migrate, and "
			    "if that changes nothing, grant these rights, as "
			    "the files in migrations/ do",
			    fact_text(facts, ROLE), missing);
}

/* Each process needs one connection, and provisor check has one more. */
static const char *judge_connections(const struct facts *facts)
{
	static const struct {
		int column;
		const char *what;
	} limits[] = {
		{ ROLE_LIMIT, "the CONNECTION LIMIT of the role" },
		{ DATABASE_LIMIT, "the CONNECTION LIMIT of the database" },
		{ SERVER_LIMIT, "max_connections, without those reserved," },
	};

	for (size_t i = 0; i < COUNT(limits); i++) {
		const char *limit = fact_text(facts, limits[i].column);

		if (limit && facts->processes > 0
		    && fact_number(facts, limits[i].column) <= facts->processes)
			return arena_printf(
				facts->arena,
				"%s is %s, but the %d processes of this host "
				"and a command need one connection each: raise "
				"it, or run fewer workers",
				limits[i].what, limit, facts->processes);
	}
	return NULL;
}

/* ---- all of them ---- */

static const struct judgement {
	const char *(*judge)(const struct facts *facts);
	bool concerns_migrations;
	bool is_fatal; /* the database cannot be used at all */
	bool is_warning;
} judgements[] = {
	{ judge_version, true, true, false },
	{ judge_encoding, true, true, false },
	{ judge_schema, true, true, false },
	{ judge_isolation, false, false, false },
	{ judge_rights, false, true, false },
	{ judge_connections, false, false, false },
	{ judge_timeout, false, false, true },
};

enum outcome suitability_for_migrations(struct db *db, struct arena *arena,
					const char **error)
{
	struct facts facts = { .arena = arena };
	enum outcome outcome =
		db_run(db, arena, &suitability_sql, NULL, &facts.rows);

	*error = NULL;
	if (outcome != OUTCOME_OK)
		return outcome;
	for (size_t i = 0; i < COUNT(judgements) && !*error; i++)
		if (judgements[i].concerns_migrations)
			*error = judgements[i].judge(&facts);
	return OUTCOME_OK;
}

bool suitability_check(struct db *db, struct arena *arena, const char *place,
		       int processes, struct findings *findings)
{
	struct facts facts = { .arena = arena, .processes = processes };

	if (db_run(db, arena, &suitability_sql, NULL, &facts.rows)
	    != OUTCOME_OK) {
		finding_error(findings,
			      "%s: cannot be examined (%s): try again when the "
			      "load is lower",
			      place, db_failure(db));
		return false;
	}
	for (size_t i = 0; i < COUNT(judgements); i++) {
		const char *what = judgements[i].judge(&facts);

		if (!what)
			continue;
		if (judgements[i].is_warning)
			finding_warning(findings, "%s: %s", place, what);
		else
			finding_error(findings, "%s: %s", place, what);
		if (judgements[i].is_fatal)
			return false;
	}
	return true;
}
