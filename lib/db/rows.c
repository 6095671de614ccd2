#include "lib/db/rows.h"

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/text/number.h"

const char *db_number_value(struct arena *arena, int64_t number)
{
	return arena_number(arena, number);
}

const char *db_bool_value(bool value)
{
	return value ? "true" : "false";
}

static const PGresult *result_of(const struct db_rows *rows)
{
	return (const PGresult *)rows;
}

int db_count(const struct db_rows *rows)
{
	return PQntuples(result_of(rows));
}

const char *db_text(const struct db_rows *rows, int row, int column)
{
	if (PQgetisnull(result_of(rows), row, column))
		return NULL;
	return PQgetvalue(result_of(rows), row, column);
}

bool db_bool(const struct db_rows *rows, int row, int column)
{
	return *PQgetvalue(result_of(rows), row, column) == 't';
}

int64_t db_number(const struct db_rows *rows, int row, int column)
{
	int64_t number = 0;

	(void)!number_read(db_text(rows, row, column), INT64_MIN, INT64_MAX,
			   &number);
	return number;
}
