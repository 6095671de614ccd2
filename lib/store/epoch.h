/*
 * epoch.h - notices that the database has gone back in time.
 *
 * A restored backup and a standby that was promoted may lack the last changes:
 * the result of a request may be missing here, although the marketplace got it.
 * Such a database begins a new epoch.  Jobs that were queued in an earlier one
 * and could do harm are held until an operator releases them (job_kind.h).
 *
 * The JSON object of an epoch has the members "epoch" (its name), "noticed_at",
 * "last_event_at" (the newest event at that time, or null), "accepted_at" and
 * "accepted_by" (null: not accepted), and "held_jobs", a number.
 *
 * Results belong to the arena.  All functions return OUTCOME_OK or the failure
 * of db_run(), and OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_EPOCH_H
#define LIB_STORE_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct json;
struct json_rows;

/* Record the present epoch if it is new. */
MUST_CHECK enum outcome epoch_notice(struct db *db, struct arena *arena);

/* Describe the present epoch, whether recorded or not. */
MUST_CHECK enum outcome epoch_get(struct db *db, struct arena *arena,
				  const struct json **epoch);

/* Whether an operator has accepted the present epoch. */
MUST_CHECK enum outcome epoch_is_accepted(struct db *db, struct arena *arena,
					  bool *is_accepted);

/* Count the unfinished jobs of earlier epochs.  An object has the members
 * "marketplace", "addon", "kind", "jobs" and "oldest". */
MUST_CHECK enum outcome epoch_list_held(struct db *db, struct arena *arena,
					struct json_rows *found);

/* List the jobs of earlier epochs to whose requests the marketplace may have
 * got a response that is not in this database.  An object has the members
 * "job", "kind", "marketplace", "addon", "resource", "marketplace_id", "plan"
 * and "since". */
MUST_CHECK enum outcome epoch_list_unanswered(struct db *db,
					      struct arena *arena,
					      struct json_rows *found);

/* Which jobs epoch_release() releases, and how. */
struct epoch_release {
	const char *marketplace; /* NULL: all */
	const char *addon;       /* NULL: all */
	/* Complete provisions and plan changes to which the marketplace may
	 * have got a response.  Otherwise they are undone. */
	bool keeps;
	const char *actor;
};

/* Release jobs of earlier epochs; *count is their number. */
MUST_CHECK enum outcome epoch_release(struct db *db, struct arena *arena,
				      const struct epoch_release *release,
				      int64_t *count);

/* Accept the present epoch.  *done is false if jobs of earlier ones are left,
 * or if it was accepted before. */
MUST_CHECK enum outcome epoch_accept(struct db *db, struct arena *arena,
				     const char *actor, bool *done);

#endif
