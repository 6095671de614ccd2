/*
 * resource_list.h - lists resources and their history for operators.
 *
 * Results are JSON objects whose members the .sql files name.  Customers see a
 * part of them on their page.  Only resource_list_page() includes sealed
 * values.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), and
 * OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_RESOURCE_LIST_H
#define LIB_STORE_RESOURCE_LIST_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

/* Selects resources.  A member that is NULL or 0 is ignored. */
struct resource_list_query {
	const char *marketplace;
	const char *addon;
	const char *state;
	const char *plan;
	int64_t since;    /* the greatest age, in ms */
	const char *id;   /* any of its ids */
	const char *text; /* a part, in any case, of an id, the name, the log
			     drain token or a value of the owner */
	int limit;        /* from 1 to JSON_ROWS_MOST */
};

/* List the resources of a query, newest first. */
MUST_CHECK enum outcome resource_list(struct db *db, struct arena *arena,
				      const struct resource_list_query *query,
				      struct json_rows *found);

/* Read a resource by our id.  *resource is NULL if it does not exist.  *config
 * is its sealed config, or NULL. */
MUST_CHECK enum outcome resource_list_show(struct db *db, struct arena *arena,
					   const char *id,
					   const struct json **resource,
					   const char **config);

/* List the newest limit events of a resource, oldest first. */
MUST_CHECK enum outcome resource_list_history(struct db *db,
					      struct arena *arena,
					      const char *id, int limit,
					      struct json_rows *events);

/* Record in an event that actor sees the config vars of a resource. */
MUST_CHECK enum outcome resource_list_reveal(struct db *db, struct arena *arena,
					     const char *id, const char *actor);

/*
 * List provisioned and deprovisioned resources for an export, in the order of
 * their ids.  after is the id that precedes the first one (NULL: start with the
 * first).  id and text of the query are ignored.  config and log_drain_url are
 * sealed.
 */
MUST_CHECK enum outcome
resource_list_page(struct db *db, struct arena *arena,
		   const struct resource_list_query *query, const char *after,
		   struct json_rows *found);

#endif
