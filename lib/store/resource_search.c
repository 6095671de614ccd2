#include "lib/store/resource_search.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/db/db.h"
#include "lib/text/uuid.h"

enum { SHORTEST_PART = 3 /* letters that the index can find */ };

/* Embedded from the .sql file of the same name. */
extern const struct db_statement resource_search_index_sql;

/* Return text escaped as a part of a pattern, which matches it literally. */
static const char *escape_pattern(struct arena *arena, const char *text)
{
	char *pattern = arena_alloc(arena, 2 * strlen(text) + 1);
	char *end = pattern;

	for (; *text; text++) {
		if (strchr("\\%_", *text))
			*end++ = '\\';
		*end++ = *text;
	}
	*end = '\0';
	return pattern;
}

static enum outcome find_index(struct db *db, struct arena *arena,
			       bool *finds_parts)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_search_index_sql, NULL, &rows);

	if (outcome == OUTCOME_OK)
		*finds_parts = db_bool(rows, 0, 0);
	return outcome;
}

enum outcome resource_search_for(struct db *db, struct arena *arena,
				 const char *text,
				 struct resource_search *search)
{
	char *first = arena_alloc(arena, UUID_LENGTH + 1);
	char *last = arena_alloc(arena, UUID_LENGTH + 1);
	const char *pattern;
	bool finds_parts;
	enum outcome outcome;

	*search = (struct resource_search){ 0 };
	if (!text)
		return OUTCOME_OK;
	outcome = find_index(db, arena, &finds_parts);
	if (outcome != OUTCOME_OK)
		return outcome;
	pattern = escape_pattern(arena, text);
	search->beginning = arena_printf(arena, "%s%%", pattern);
	search->part = arena_printf(
		arena, "%s%s%%",
		finds_parts && utf8_count(text) >= SHORTEST_PART ? "%" : "",
		pattern);
	if (uuid_read_beginning(text, first, last)) {
		search->first_id = first;
		search->last_id = last;
	}
	return OUTCOME_OK;
}
