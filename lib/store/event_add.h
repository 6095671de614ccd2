/*
 * event_add.h - records an event that changes nothing else.
 */
#ifndef LIB_STORE_EVENT_ADD_H
#define LIB_STORE_EVENT_ADD_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource_actor;

/* Record an event of the resource with our id.  after is JSON without secrets,
 * or NULL.  Return OUTCOME_OK or the failure of db_run(). */
MUST_CHECK enum outcome event_add(struct db *db, struct arena *arena,
				  const char *resource, const char *event,
				  const struct resource_actor *actor,
				  const char *after);

#endif
