/*
 * plan_promise.h - plan changes that a marketplace was promised.
 *
 * The response to a plan change that takes longer says that the plan is being
 * changed, and a job continues it.  The marketplace counts the plan as changed
 * from then on.  If the change is refused or cancelled later, the marketplace
 * cannot be notified: the promise is broken until the plans agree again.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_PLAN_PROMISE_H
#define LIB_STORE_PLAN_PROMISE_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct resource_actor;

struct plan_promise {
	const char *plan;  /* NULL: no promised change is under way */
	const char *since; /* in UTC, for people */
};

/* Find the promised plan change of a resource that is under way. */
MUST_CHECK enum outcome plan_promise_find(struct db *db, struct arena *arena,
					  const char *resource,
					  struct plan_promise *promise);

/* Record that the marketplace has the plan of the resource again, so that
 * marketplace_plan of struct resource is NULL. */
MUST_CHECK enum outcome
plan_promise_withdraw(struct db *db, struct arena *arena, const char *resource,
		      const struct resource_actor *actor);

/* Broken promises. */
struct plan_promises_broken {
	int64_t count;
	const char *example; /* our id of one of these resources; NULL: none */
};

MUST_CHECK enum outcome
plan_promise_find_broken(struct db *db, struct arena *arena,
			 struct plan_promises_broken *broken);

#endif
