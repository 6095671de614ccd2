/*
 * rows.h - values for statements, and the rows that statements return.
 *
 * Both are text.  db.h includes this header.
 */
#ifndef LIB_DB_ROWS_H
#define LIB_DB_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct db_rows;

/* Return a value for db_run().  The first lives until the arena is reset. */
const char *db_number_value(struct arena *arena, int64_t number);
const char *db_bool_value(bool value);

/* Return the number of rows. */
int db_count(const struct db_rows *rows);

/* Return a column as text, which lives as long as rows; NULL for SQL NULL. */
const char *db_text(const struct db_rows *rows, int row, int column);

/* Return a boolean column; false for SQL NULL. */
MUST_CHECK bool db_bool(const struct db_rows *rows, int row, int column);

/* Return a column of whole numbers; 0 for SQL NULL. */
int64_t db_number(const struct db_rows *rows, int row, int column);

#endif
