/*
 * resource_config.h - changes of config vars by an operator.
 *
 * A change is stored if the resource is provisioned, still has the version that
 * was read, and has no unfinished listener job, whose result would overwrite
 * the change.  Otherwise *done is false.  All functions return OUTCOME_OK or
 * the failure of db_run().
 */
#ifndef LIB_STORE_RESOURCE_CONFIG_H
#define LIB_STORE_RESOURCE_CONFIG_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource;
struct resource_actor;

struct resource_config_change {
	const struct resource *resource; /* as read, with the new config */
	const char *event;
	const char *after; /* for the event, as JSON without values; or NULL */
	bool is_pushed;    /* a job pushes the config to the marketplace */
};

/* Store a change.  Changes that follow each other closely are pushed by one
 * job. */
MUST_CHECK enum outcome
resource_config_change(struct db *db, struct arena *arena,
		       const struct resource_config_change *change,
		       const struct resource_actor *actor, bool *done);

/* Queue a rotation: the listener creates new credentials, and the old ones stay
 * valid for overlap seconds. */
MUST_CHECK enum outcome
resource_config_begin_rotation(struct db *db, struct arena *arena,
			       const struct resource *resource, int overlap,
			       const struct resource_actor *actor, bool *done);

/* Sealed values of a resource. */
struct resource_sealed {
	bool config, log_drain_url, log_input_url, options, logplex_token;
};

/* Erase the values that no key opens. */
MUST_CHECK enum outcome
resource_config_forget(struct db *db, struct arena *arena,
		       const struct resource *resource,
		       const struct resource_sealed *unreadable,
		       const struct resource_actor *actor, bool *done);

#endif
