#include "cgi/cli/missing_homes_findings.h"

#include <inttypes.h>

#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/store/addon_list.h"

/* Return an age in the largest unit of which there are at least two. */
static const char *age_text(struct arena *arena, int64_t seconds)
{
	const int64_t minute = 60, hour = 60 * minute, day = 24 * hour;

	if (seconds >= 2 * day)
		return arena_printf(arena, "%" PRId64 " days", seconds / day);
	if (seconds >= 2 * hour)
		return arena_printf(arena, "%" PRId64 " hours", seconds / hour);
	return arena_printf(arena, "%" PRId64 " minutes", seconds / minute);
}

static const char *jobs_text(struct arena *arena,
			     const struct addon_counts *counts)
{
	if (counts->jobs == 0)
		return "";
	return arena_printf(arena,
			    ", unfinished jobs: %" PRId64 ", the oldest for %s",
			    counts->jobs, age_text(arena, counts->oldest_job));
}

static void add_missing_home(struct arena *arena,
			     const struct missing_home *home,
			     const struct addon_counts *counts,
			     struct findings *findings)
{
	finding_error(
		findings,
		"%s/%s: has no home on this host (live resources: %" PRId64
		", not cleaned up: %" PRId64
		"%s), so its requests get 503 and its jobs wait: put the "
		"home back; if the add-on was renamed, run provisor addons "
		"rename %s NEW; if it is not sold any more, run provisor "
		"addons forget %s",
		home->marketplace, home->addon, counts->live,
		counts->incomplete, jobs_text(arena, counts), home->addon,
		home->addon);
}

enum outcome missing_homes_report(const struct addons *addons, struct db *db,
				  struct arena *arena,
				  struct missing_homes *homes,
				  struct findings *findings)
{
	enum outcome outcome;

	/* A home that cannot be read has an error already. */
	*homes = (struct missing_homes){ 0 };
	if (addons->count == 0 || addons->unreadable > 0)
		return OUTCOME_OK;
	outcome = missing_homes_find(addons, db, arena, homes);
	for (int i = 0; i < homes->count && outcome == OUTCOME_OK; i++) {
		const struct missing_home *home = &homes->list[i];
		const struct addon_name name = { home->marketplace,
						 home->addon };
		struct addon_counts counts;

		outcome = addon_count(db, arena, &name, &counts);
		if (outcome == OUTCOME_OK)
			add_missing_home(arena, home, &counts, findings);
	}
	return outcome;
}
