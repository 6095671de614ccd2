/*
 * resource_deprovision.h - the end of resources, as the database takes it.
 *
 * Both return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_RESOURCE_DEPROVISION_H
#define LIB_STORE_RESOURCE_DEPROVISION_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

/*
 * Record that a resource which was never seen is gone; with cleans_up, a job
 * for the clean-up as well.  *made is false when one of its ids exists already.
 */
enum outcome resource_create_tombstone(struct db *db, struct arena *arena,
				       const struct resource *wanted,
				       bool cleans_up,
				       const struct resource_actor *actor,
				       bool *made);

struct resource_removal {
	const char *id;
	bool frees_key; /* the marketplace's id may then be used again */
	bool cleans_up; /* a job is to clean up before all is erased */
};

/*
 * Let it be gone.  Without a clean-up its config, grant, URLs and tokens are
 * erased at once.  What else was to be done for it is finished, unless somebody
 * is at it.  *done is false when it already was gone.
 */
enum outcome resource_deprovision(struct db *db, struct arena *arena,
				  const struct resource_removal *removal,
				  const struct resource_actor *actor,
				  bool *done);

#endif
