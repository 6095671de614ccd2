#include "lib/store/resource_search.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/db/db.h"
#include "lib/text/uuid.h"

enum {
	SHORTEST_PART = 3, /* letters that the index can find */
	/* A list of more resources is read in the order of time: one of a
	 * million, of which so many match, finds a page in 20000. */
	FEW = 5000
};

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_search_index_sql,
	resource_search_few_sql, resource_search_module_sql;

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

/* Set *patterns to where text can match. */
static void set_patterns(struct arena *arena, const char *text,
			 bool finds_parts, struct resource_search *patterns)
{
	char *first = arena_alloc(arena, UUID_LENGTH + 1);
	char *last = arena_alloc(arena, UUID_LENGTH + 1);
	const char *pattern = escape_pattern(arena, text);
	bool has_part = finds_parts && utf8_count(text) >= SHORTEST_PART;

	*patterns = (struct resource_search){
		.beginning = arena_printf(arena, "%s%%", pattern),
		.part = arena_printf(arena, "%s%s%%", has_part ? "%" : "",
				     pattern),
	};
	if (uuid_read_beginning(text, first, last)) {
		patterns->first_id = first;
		patterns->last_id = last;
	}
}

/* Set *ids to an array of what matches patterns, or to NULL if that is much. */
static enum outcome find_few(struct db *db, struct arena *arena,
			     const struct resource_search *patterns,
			     const char **ids)
{
	const char *const values[] = {
		patterns->beginning,         patterns->part,
		patterns->first_id,          patterns->last_id,
		db_number_value(arena, FEW),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_search_few_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*ids = db_text(rows, 0, 0);
	return outcome;
}

enum outcome resource_search_for(struct db *db, struct arena *arena,
				 const char *text,
				 struct resource_search *search)
{
	struct resource_search patterns;
	bool finds_parts;
	enum outcome outcome;

	*search = (struct resource_search){ 0 };
	if (!text)
		return OUTCOME_OK;
	outcome = find_index(db, arena, &finds_parts);
	if (outcome != OUTCOME_OK)
		return outcome;
	set_patterns(arena, text, finds_parts, &patterns);
	outcome = find_few(db, arena, &patterns, &search->ids);
	if (outcome == OUTCOME_OK && !search->ids)
		*search = patterns;
	return outcome;
}

enum outcome resource_search_check(struct db *db, struct arena *arena,
				   bool *finds_parts, bool *has_module)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_search_module_sql, NULL, &rows);

	if (outcome == OUTCOME_OK) {
		*finds_parts = db_bool(rows, 0, 0);
		*has_module = db_bool(rows, 0, 1);
	}
	return outcome;
}
