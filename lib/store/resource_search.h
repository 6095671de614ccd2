/*
 * resource_search.h - what provisor resources find searches for.
 */
#ifndef LIB_STORE_RESOURCE_SEARCH_H
#define LIB_STORE_RESOURCE_SEARCH_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

/* The values of resource_list_where.inc.sql for a text: the ids of what matches
 * it, or if that is much, the other members.  One of those is NULL if the text
 * cannot match there. */
struct resource_search {
	const char *ids; /* an array of our ids, as PostgreSQL writes it */
	const char *beginning; /* a pattern: ids and log drain tokens */
	const char *part;      /* a pattern: names and owners */
	const char *first_id;  /* our ids that begin with the text */
	const char *last_id;
};

/*
 * Describe the search for a text; a NULL text is none.  Names and owners are
 * found by any part of three letters or more if the index for that exists
 * (migration 0008_search.indexes), and otherwise names by their beginning.
 *
 * Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome resource_search_for(struct db *db, struct arena *arena,
					    const char *text,
					    struct resource_search *search);

/*
 * Find out whether names and owners are found by any part, and if not, whether
 * this can be had: the server has the module pg_trgm, so provisor migrate can
 * build the index.
 *
 * Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome resource_search_check(struct db *db,
					      struct arena *arena,
					      bool *finds_parts,
					      bool *has_module);

#endif
