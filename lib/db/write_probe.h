/*
 * write_probe.h - checks whether the database server can write.
 *
 * A server whose disk is full still answers queries, so only a write shows it.
 */
#ifndef LIB_DB_WRITE_PROBE_H
#define LIB_DB_WRITE_PROBE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

/*
 * Have the server write a temporary file, which leaves nothing behind and takes
 * some milliseconds.  *can_write is false if transactions are read-only. Record
 * the result for all processes of this host (metrics_write_trouble()).
 *
 * Return OUTCOME_OK or the failure of db_run(): if the disk is full,
 * OUTCOME_UNAVAILABLE.
 */
MUST_CHECK enum outcome write_probe(struct db *db, struct arena *arena,
				    bool *can_write);

#endif
