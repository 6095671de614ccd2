/*
 * json_rows.h - reads rows as JSON objects, for operators.
 *
 * The first column of the statement is an object (json_build_object()), and its
 * last parameter is the maximum number of rows.
 */
#ifndef LIB_DB_JSON_ROWS_H
#define LIB_DB_JSON_ROWS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct db_rows;
struct db_statement;
struct json;

enum { JSON_ROWS_MOST = 10000 }; /* the highest limit */

struct json_rows {
	int count;
	const struct json **list;
	bool is_cut; /* more rows than the limit were found */
};

enum json_rows_order {
	JSON_ROWS_AS_FOUND,
	JSON_ROWS_BACKWARDS /* the last row within the limit comes first */
};

/*
 * Run a statement.  values are its parameters except the last.  Return
 * OUTCOME_OK, the failure of db_run(), or OUTCOME_BROKEN if a row is not an
 * object.
 */
MUST_CHECK enum outcome json_rows_read(struct db *db, struct arena *arena,
				       const struct db_statement *statement,
				       const char *const values[], int limit,
				       enum json_rows_order order,
				       struct json_rows *found);

/* Return the object in a row, or NULL after logging why it cannot be read. */
MUST_CHECK const struct json *json_rows_object(const struct db_rows *rows,
					       struct arena *arena, int row);

#endif
