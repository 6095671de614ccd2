/*
 * resource_import.h - resources that lived elsewhere, as the database takes
 * them in.
 *
 * Each is one statement that also writes the event "imported".  Both return
 * OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_RESOURCE_IMPORT_H
#define LIB_STORE_RESOURCE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

/* Moments of a new one, in s since 1970; 0: now. */
struct resource_moments {
	int64_t created_at;
	int64_t deprovisioned_at;
};

/* Record a new one, in the state it has.  *made is false when one of its ids
 * exists already. */
enum outcome resource_import(struct db *db, struct arena *arena,
			     const struct resource *told,
			     const struct resource_moments *moments,
			     const struct resource_actor *actor, bool *made);

/* Give the one with the id and version of told all of told that is not NULL.
 * *done is false when it has changed or gone since. */
enum outcome resource_import_update(struct db *db, struct arena *arena,
				    const struct resource *told,
				    const struct resource_actor *actor,
				    bool *done);

#endif
