/*
 * notification.h - the last notification of a marketplace about a resource.
 *
 * Each subject of a resource has its own.  One that is older than the stored
 * one is not stored.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_NOTIFICATION_H
#define LIB_STORE_NOTIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

struct notification {
	const char *resource; /* our id */
	const char *subject;
	int64_t created_at;   /* seconds since 1970, by the marketplace */
	const char *reported; /* what the marketplace said */

	/* Set only by notification_get(). */
	int64_t number;  /* among those of this second, from 1 */
	bool is_handled; /* it has taken effect */
};

/* Store a notification, unless a newer one or the same is stored. */
MUST_CHECK enum outcome
notification_store(struct db *db, struct arena *arena,
		   const struct notification *notification);

/* Read the stored notification about the subject of a resource. */
MUST_CHECK enum outcome notification_get(struct db *db, struct arena *arena,
					 const char *resource,
					 const char *subject,
					 struct notification *notification,
					 bool *found);

/* Note that a notification has taken effect.  *done is false if a newer one has
 * replaced it meanwhile. */
MUST_CHECK enum outcome
notification_finish(struct db *db, struct arena *arena,
		    const struct notification *notification, bool *done);

#endif
