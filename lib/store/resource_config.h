/*
 * resource_config.h - config vars that an operator changes while a resource
 * lives.
 *
 * A change is stored if the resource is provisioned, still has the version that
 * was read, and no listener has anything to do for it: what that answers would
 * be made of what was before.  The marketplace is told by a job that brings it
 * all config vars; so several changes that follow each other are one call.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong; *done tells
 * whether it was so.
 */
#ifndef LIB_STORE_RESOURCE_CONFIG_H
#define LIB_STORE_RESOURCE_CONFIG_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

struct resource_config_change {
	const struct resource *resource; /* as read, but for its config */
	const char *what;                /* the event's name */
	const char *after; /* what it tells, as JSON: never a value; or NULL */
	bool is_told;      /* to the marketplace, by a job */
};

enum outcome
resource_config_change(struct db *db, struct arena *arena,
		       const struct resource_config_change *revision,
		       const struct resource_actor *actor, bool *done);

/* Have its listener make new credentials, the old ones staying good for overlap
 * seconds.  That is an event of its own: config-rotated, when it is done. */
enum outcome resource_config_begin_rotation(struct db *db, struct arena *arena,
					    const struct resource *resource,
					    int overlap,
					    const struct resource_actor *actor,
					    bool *done);

#endif
