#include "lib/db/write_probe.h"

#include "lib/db/db.h"
#include "lib/metrics/metrics.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement write_probe_sql;

enum outcome write_probe(struct db *db, struct arena *arena, bool *can_write)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &write_probe_sql, NULL, &rows);

	/* db_run() records why a write fails. */
	if (outcome != OUTCOME_OK)
		return outcome;
	*can_write = !db_bool(rows, 0, 0);
	if (*can_write) {
		metrics_write_worked();
	} else {
		metrics_write_failed(METRICS_READ_ONLY);
		/* This session would stay read-only after the default has been
		 * reset. */
		db_disconnect(db);
	}
	return OUTCOME_OK;
}
