#include "lib/db/json_rows.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/text/json.h"

const struct json *json_rows_object(const struct db_rows *rows,
				    struct arena *arena, int row)
{
	const char *text = db_text(rows, row, 0);
	const char *why;
	const struct json *object = json_parse(arena, text, strlen(text), &why);

	if (!object)
		log_error("a row of the database cannot be read: %s", why);
	return object;
}

static enum outcome collect_rows(const struct db_rows *rows,
				 struct arena *arena, int limit,
				 enum json_rows_order order,
				 struct json_rows *found)
{
	int count = db_count(rows) < limit ? db_count(rows) : limit;

	*found = (struct json_rows){
		.count = count,
		.list = arena_alloc(arena,
				    (size_t)count * sizeof(struct json *)),
		.is_cut = db_count(rows) > limit,
	};
	for (int i = 0; i < count; i++) {
		int row = order == JSON_ROWS_BACKWARDS ? count - 1 - i : i;

		found->list[i] = json_rows_object(rows, arena, row);
		if (!found->list[i])
			return OUTCOME_BROKEN;
	}
	return OUTCOME_OK;
}

enum outcome json_rows_read(struct db *db, struct arena *arena,
			    const struct db_statement *statement,
			    const char *const values[], int limit,
			    enum json_rows_order order, struct json_rows *found)
{
	size_t given = (size_t)statement->params - 1;
	const char **all = arena_alloc(arena, (given + 1) * sizeof *all);
	const struct db_rows *rows;
	enum outcome outcome;

	memcpy(all, values, given * sizeof *all);
	all[given] = db_number_value(arena, limit + 1);
	outcome = db_run(db, arena, statement, all, &rows);
	if (outcome != OUTCOME_OK)
		return outcome;
	return collect_rows(rows, arena, limit, order, found);
}
