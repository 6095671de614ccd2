#include "lib/db/migrate_indexes.h"

#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/db.h"

enum { MANY_ROWS = 100000 }; /* of a table: its index takes a while */

/* Embedded from the .sql file of the same name. */
extern const struct db_statement migrate_find_index_sql;

/* The columns of the query in a migration. */
enum { WANTED_NAME, WANTED_TABLE, WANTED_DEFINITION };

/* The columns of migrate_find_index.sql. */
enum { FOUND_EXISTS, FOUND_COMPLETE, FOUND_KIND, FOUND_ROWS };

struct wanted_index {
	const char *name, *table, *definition;
};

/*
 * Defaults of the role and the database do no harm.  The statements wait for
 * other sessions without a limit, because nobody waits behind them.  If this
 * program is killed, the server ends its statement soon.
 */
static const char prepare_to_build[] =
	"SET default_transaction_read_only = off;"
	" SET default_transaction_isolation = 'read committed';"
	" SET statement_timeout = 0; SET lock_timeout = 0;"
	" SET client_connection_check_interval = '1s'";

static enum outcome create_index(struct db *db, struct arena *arena,
				 const struct wanted_index *index, int64_t rows,
				 const char **error)
{
	if (rows >= MANY_ROWS)
		log_info("the index %s is built over about %" PRId64
			 " rows: this waits for transactions that are open, "
			 "such as a dump, and blocks no request",
			 index->name, rows);
	return db_run_script(db, arena,
			     arena_printf(arena,
					  "CREATE INDEX CONCURRENTLY %s ON %s "
					  "%s",
					  index->name, index->table,
					  index->definition),
			     error);
}

/* Set *why to the reason why the index that exists cannot stay, or to NULL. */
static void judge_index(const struct db_rows *rows, const char **why)
{
	*why = NULL;
	if (!db_bool(rows, 0, FOUND_EXISTS))
		return;
	if (!db_bool(rows, 0, FOUND_COMPLETE))
		*why = "is not complete, because an earlier migration was "
		       "interrupted";
	else if (!db_bool(rows, 0, FOUND_KIND))
		*why = "is of another kind than this server can have now";
}

/* Build an index unless it is complete and of the wanted kind.  Count it in
 * *built. */
static enum outcome ensure_index(struct db *db, struct arena *arena,
				 const struct wanted_index *index, int *built,
				 const char **error)
{
	const char *const values[] = { index->name, index->table,
				       index->definition };
	const struct db_rows *rows;
	const char *why;
	enum outcome outcome =
		db_run(db, arena, &migrate_find_index_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	judge_index(rows, &why);
	if (db_bool(rows, 0, FOUND_EXISTS) && !why)
		return OUTCOME_OK;
	if (why) {
		log_info("the index %s %s: it is built again", index->name,
			 why);
		outcome = db_run_script(
			db, arena,
			arena_printf(arena, "DROP INDEX CONCURRENTLY %s",
				     index->name),
			error);
	}
	if (outcome == OUTCOME_OK)
		outcome = create_index(db, arena, index,
				       db_number(rows, 0, FOUND_ROWS), error);
	if (outcome == OUTCOME_OK)
		(*built)++;
	return outcome;
}

enum outcome migrate_indexes(struct db *db, struct arena *arena,
			     const char *wanted, int *built, const char **error)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run_script(db, arena, prepare_to_build, error);

	*built = 0;
	if (outcome == OUTCOME_OK)
		outcome = db_read_script(db, arena, wanted, &rows, error);
	for (int i = 0; outcome == OUTCOME_OK && i < db_count(rows); i++) {
		const struct wanted_index index = {
			.name = db_text(rows, i, WANTED_NAME),
			.table = db_text(rows, i, WANTED_TABLE),
			.definition = db_text(rows, i, WANTED_DEFINITION),
		};

		outcome = ensure_index(db, arena, &index, built, error);
	}
	return outcome;
}
