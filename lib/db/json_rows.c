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

/* Return the values of a statement, followed by one more. */
static const char **add_value(struct arena *arena, const char *const values[],
			      size_t count, const char *value)
{
	const char **all = arena_alloc(arena, (count + 1) * sizeof *all);

	if (count > 0)
		memcpy(all, values, count * sizeof *all);
	all[count] = value;
	return all;
}

enum outcome json_rows_read(struct db *db, struct arena *arena,
			    const struct db_statement *statement,
			    const char *const values[], int limit,
			    enum json_rows_order order, struct json_rows *found)
{
	const char *const *all =
		add_value(arena, values, (size_t)statement->params - 1,
			  db_number_value(arena, limit + 1));
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, statement, all, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	return collect_rows(rows, arena, limit, order, found);
}

/* ---- lists ---- */

/* Count up to most rows (NULL: all). */
static enum outcome count_rows(struct db *db, struct arena *arena,
			       const struct json_rows_list *list,
			       const char *const values[], const char *most,
			       int64_t *total)
{
	const char *const *all =
		add_value(arena, values, (size_t)list->total->params - 1, most);
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, list->total, all, &rows);

	if (outcome == OUTCOME_OK)
		*total = db_number(rows, 0, 0);
	return outcome;
}

enum outcome json_rows_read_page(struct db *db, struct arena *arena,
				 const struct json_rows_list *list,
				 const char *const values[], const char *after,
				 int limit, struct json_rows *found)
{
	const char *const *all =
		add_value(arena, values, (size_t)list->page->params - 2, after);
	enum outcome outcome = json_rows_read(db, arena, list->page, all, limit,
					      JSON_ROWS_AS_FOUND, found);

	if (outcome != OUTCOME_OK || !found->is_cut)
		return outcome;
	return count_rows(db, arena, list, values,
			  db_number_value(arena, JSON_ROWS_MOST + 1),
			  &found->total);
}

enum outcome json_rows_count(struct db *db, struct arena *arena,
			     const struct json_rows_list *list,
			     const char *const values[], int64_t *total)
{
	return count_rows(db, arena, list, values, NULL, total);
}
