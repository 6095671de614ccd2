/*
 * resource_import.h - resources that another system has provisioned.
 *
 * Both functions also write the event "imported", and return OUTCOME_OK or the
 * failure of db_run().
 */
#ifndef LIB_STORE_RESOURCE_IMPORT_H
#define LIB_STORE_RESOURCE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

/* In seconds since 1970; 0: now. */
struct resource_moments {
	int64_t created_at;
	int64_t deprovisioned_at;
	int64_t kept_until; /* of a kept resource */
};

/* Create a provisioned resource, a kept one with the job that cleans up, or, if
 * its state is deprovisioned, a tombstone.  *created is false if one of its ids
 * exists already. */
MUST_CHECK enum outcome resource_import(struct db *db, struct arena *arena,
					const struct resource *resource,
					const struct resource_moments *moments,
					const struct resource_actor *actor,
					bool *created);

/* Replace the members that are not NULL in changed.  *done is false if the
 * resource is not provisioned or has another version. */
MUST_CHECK enum outcome
resource_import_update(struct db *db, struct arena *arena,
		       const struct resource *changed,
		       const struct resource_actor *actor, bool *done);

#endif
