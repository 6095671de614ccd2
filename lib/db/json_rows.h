/*
 * json_rows.h - reads rows as JSON objects, for operators.
 *
 * The first column of the statement is an object (json_build_object()), and its
 * last parameter is the maximum number of rows.
 */
#ifndef LIB_DB_JSON_ROWS_H
#define LIB_DB_JSON_ROWS_H

#include <stdbool.h>
#include <stdint.h>

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
	/* Set by json_rows_read_page() if the page is cut, otherwise 0: the
	 * number of rows of all pages, counted up to JSON_ROWS_MOST + 1. */
	int64_t total;
};

enum json_rows_order {
	JSON_ROWS_AS_FOUND,
	JSON_ROWS_BACKWARDS /* the last row within the limit comes first */
};

/*
 * Run a statement.  values are its parameters except the last; NULL if it has
 * no others.  Return
 * OUTCOME_OK, the failure of db_run(), or OUTCOME_BROKEN if a row is not an
 * object.
 */
MUST_CHECK enum outcome json_rows_read(struct db *db, struct arena *arena,
				       const struct db_statement *statement,
				       const char *const values[], int limit,
				       enum json_rows_order order,
				       struct json_rows *found);

/* A list that is read page by page, each of which begins after the key of the
 * last row of the previous page. */
struct json_rows_list {
	/* The rows in order.  Its parameters are those that select rows, the
	 * key, which may be NULL, and the maximum number of rows. */
	const struct db_statement *page;
	/* The number of rows.  Its parameters are those that select rows, and
	 * the number at which it stops counting. */
	const struct db_statement *total;
};

/* Read the page of a list after a key (NULL: the first page).  values select
 * the rows.  Return what json_rows_read() does. */
MUST_CHECK enum outcome json_rows_read_page(struct db *db, struct arena *arena,
					    const struct json_rows_list *list,
					    const char *const values[],
					    const char *after, int limit,
					    struct json_rows *found);

/* Count all rows of a list that values select. */
MUST_CHECK enum outcome json_rows_count(struct db *db, struct arena *arena,
					const struct json_rows_list *list,
					const char *const values[],
					int64_t *total);

/* Return the object in a row, or NULL after logging why it cannot be read. */
MUST_CHECK const struct json *json_rows_object(const struct db_rows *rows,
					       struct arena *arena, int row);

#endif
