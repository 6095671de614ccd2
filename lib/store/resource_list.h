/*
 * resource_list.h - what an operator asks about resources.
 *
 * Customers see some of it on their page.  What is found comes as entries,
 * whose members are those of the statement.  What is sealed is in none of them.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_RESOURCE_LIST_H
#define LIB_STORE_RESOURCE_LIST_H

#include <stdint.h>

#include "lib/db/json_rows.h"

/* Which resources.  NULL and 0 do not restrict. */
struct resource_list_query {
	const char *marketplace;
	const char *addon;
	const char *state;
	const char *plan;
	int64_t since;    /* ms: made no longer ago than this */
	const char *id;   /* ours, the marketplace's, or the one we answered */
	const char *text; /* a part, in any case, of an id, the name, the log
			     drain token or what is known of the owner */
	int limit;        /* from 1 to JSON_ROWS_MOST */
};

/* The resources of a query, newest first. */
enum outcome resource_list(struct db *db, struct arena *arena,
			   const struct resource_list_query *query,
			   struct json_rows *found);

/*
 * All that is kept of the resource whose id is ours, and its sealed config,
 * which is NULL where it has none.  *resource is NULL when there is no such.
 */
enum outcome resource_list_show(struct db *db, struct arena *arena,
				const char *id, const struct json **resource,
				const char **config);

/* What happened to it, the newest limit events, in their order. */
enum outcome resource_list_history(struct db *db, struct arena *arena,
				   const char *id, int limit,
				   struct json_rows *events);

/* Write down that actor is about to see its config. */
enum outcome resource_list_reveal(struct db *db, struct arena *arena,
				  const char *id, const char *actor);

/*
 * Those of a query (but of its id and text) that are provisioned or
 * deprovisioned, for a file of resources: up to query->limit behind the one
 * whose id is after (NULL: from the first on), in the order of their ids.  Each
 * has its config and log_drain_url, sealed, and its id.
 */
enum outcome resource_list_page(struct db *db, struct arena *arena,
				const struct resource_list_query *query,
				const char *after, struct json_rows *found);

#endif
