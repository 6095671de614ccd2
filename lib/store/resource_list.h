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

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

struct resource_actor;

/* Selects resources.  A member that is NULL or 0 is ignored. */
struct resource_list_query {
	const char *marketplace;
	const char *addon;
	const char *state;
	const char *plan;
	int64_t since;    /* the greatest age, in ms */
	const char *id;   /* any of its ids */
	const char *text; /* a part of the name or of a value of the owner, or
			     the beginning of an id or of the log drain token;
			     case is ignored (resource_search.h) */
	int limit;        /* from 1 to JSON_ROWS_MOST */

	/* resource_list(): our id of the last resource of the previous page. */
	const char *after;
};

/* List a page of the resources of a query, newest first. */
MUST_CHECK enum outcome resource_list(struct db *db, struct arena *arena,
				      const struct resource_list_query *query,
				      struct json_rows *found);

/* Count all resources of a query.  Its limit and after are ignored. */
MUST_CHECK enum outcome
resource_list_total(struct db *db, struct arena *arena,
		    const struct resource_list_query *query, int64_t *total);

/* Count the resources of a query by a column: addon, marketplace, plan, region
 * or state.  The most frequent of up to query->limit values comes first. */
MUST_CHECK enum outcome
resource_list_count(struct db *db, struct arena *arena,
		    const struct resource_list_query *query, const char *column,
		    struct json_rows *counts);

/* What operators see of a resource. */
struct resource_list_shown {
	const struct json *resource; /* NULL: it does not exist */
	const char *config;          /* sealed, or NULL */
	const char *options;         /* sealed, or NULL */
};

/* Read a resource by our id. */
MUST_CHECK enum outcome resource_list_show(struct db *db, struct arena *arena,
					   const char *id,
					   struct resource_list_shown *shown);

/* List the newest limit events of a resource, oldest first.  Operators see the
 * attempts of jobs among them, and customers do not. */
MUST_CHECK enum outcome resource_list_history(struct db *db,
					      struct arena *arena,
					      const char *id,
					      bool is_for_customer, int limit,
					      struct json_rows *events);

/* Record in an event that actor sees the config vars of a resource. */
MUST_CHECK enum outcome
resource_list_reveal(struct db *db, struct arena *arena, const char *id,
		     const struct resource_actor *actor);

/*
 * Read provisioned and deprovisioned resources for an export, in the order of
 * their ids: rows of json_rows_object() whose second column is the id, up to
 * the limit of the query, whose id and text are ignored.  after is the id that
 * precedes the first one (NULL: start with the first).  With secrets, the
 * objects have id, options, config and log_drain_url; all but the id are
 * sealed.
 */
MUST_CHECK enum outcome
resource_list_page(struct db *db, struct arena *arena,
		   const struct resource_list_query *query, const char *after,
		   bool with_secrets, const struct db_rows **rows);

#endif
