/*
 * check_retention.c - checks that old jobs, events and names are removed.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/retention.h"

enum { DAY = 24 * 3600 /* s */ };

/* Return "30 days", or "no rows" for an age of 0. */
static const char *name_age(struct arena *arena, int64_t seconds)
{
	if (seconds == 0)
		return "no rows";
	return arena_printf(arena, "%" PRId64 " days", seconds / DAY);
}

static void check_age(struct check *check, const char *what,
		      const char *setting, int64_t keep,
		      const struct retention_state *state)
{
	struct arena *arena = check->arena;
	int64_t most = keep / 1000;

	if (keep > 0 && state->oldest > most + DAY)
		finding_warning(&check->findings,
				"%s: %s: the oldest is from %s ago, and they "
				"are kept for %s: provisor-jobs removes a "
				"thousand at a time; start it, or read its log",
				setting, what, name_age(arena, state->oldest),
				name_age(arena, most));
	else
		finding_ok(&check->findings, "%s: %s: kept for %s; oldest: %s",
			   setting, what,
			   keep > 0 ? name_age(arena, most) : "ever",
			   name_age(arena, state->oldest));
}

void check_retention(struct check *check, struct db *db)
{
	struct retention_state states[RETENTION_SUBJECTS];

	if (retention_read(db, check->arena, states) != OUTCOME_OK) {
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: the age of its jobs and "
			      "events cannot be read (%s): try again when the "
			      "load is lower",
			      db_failure(db));
		return;
	}
	check_age(check, "finished jobs", "PROVISOR_KEEP_JOBS",
		  check->settings.keep_jobs, &states[RETENTION_JOBS]);
	check_age(check, "events", "PROVISOR_KEEP_EVENTS",
		  check->settings.keep_events, &states[RETENTION_EVENTS]);
	check_age(check, "people of events", "PROVISOR_PERSONAL_DATA",
		  check->settings.personal_data,
		  &states[RETENTION_EVENT_PEOPLE]);
	check_age(check, "names of resources that are gone",
		  "PROVISOR_PERSONAL_DATA", check->settings.personal_data,
		  &states[RETENTION_RESOURCES]);
}
