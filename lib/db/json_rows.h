/*
 * json_rows.h - rows of the database as JSON objects, for operators.
 *
 * A statement for these has an object as its first column (json_build_object),
 * and takes the limit and one more as its last parameter.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_DB_JSON_ROWS_H
#define LIB_DB_JSON_ROWS_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct db_rows;
struct db_statement;
struct json;

enum { JSON_ROWS_MOST = 10000 }; /* as much as a limit may be */

struct json_rows {
	int count;
	const struct json **list;
	bool is_cut; /* there are more than the limit */
};

enum json_rows_order {
	JSON_ROWS_AS_FOUND,
	JSON_ROWS_BACKWARDS /* the last of those within the limit comes first */
};

/* values: all but the limit, which is added to them. */
enum outcome json_rows_read(struct db *db, struct arena *arena,
			    const struct db_statement *statement,
			    const char *const values[], int limit,
			    enum json_rows_order order,
			    struct json_rows *found);

/* The object in a row.  NULL, and logged, when this program cannot read it. */
const struct json *json_rows_object(const struct db_rows *rows,
				    struct arena *arena, int row);

#endif
