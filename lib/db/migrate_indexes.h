/*
 * migrate_indexes.h - builds the indexes of a migration while other sessions
 * read and write their tables.
 *
 * CREATE INDEX CONCURRENTLY cannot run in a transaction.  It waits for the
 * transactions that are open when it begins, such as a dump, and no request
 * waits behind it.  If it is interrupted, it leaves an index that is not valid,
 * which is dropped and built again at the next attempt.
 */
#ifndef LIB_DB_MIGRATE_INDEXES_H
#define LIB_DB_MIGRATE_INDEXES_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

/*
 * Build the indexes that wanted selects and that do not exist, or are of
 * another kind (btree, gin): a script whose last statement returns the name of
 * each index, its table, and the rest of its definition.  *built becomes their
 * number.  db is a connection of its own, outside a transaction, and it keeps
 * settings for that.  Only one program at a time may call this.
 *
 * Return OUTCOME_OK, or the failure of db_run_script(); then *error is a
 * sentence for the operator.
 */
MUST_CHECK enum outcome migrate_indexes(struct db *db, struct arena *arena,
					const char *wanted, int *built,
					const char **error);

#endif
