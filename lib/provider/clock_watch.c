/*
 * clock_watch.c - notices that the database's clock was set back.
 */
#include "lib/provider/provider.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/store/job.h"

enum {
	WATCH_EVERY = 10000, /* ms */
	WATCH_LIMIT = 5000   /* ms for the database */
};

void provider_watch_clock(struct provider *provider, struct arena *arena)
{
	int64_t now = clock_now();
	int64_t count, seconds;

	if (now < provider->next_clock_watch_at)
		return;
	provider->next_clock_watch_at = now + WATCH_EVERY;
	db_set_deadline(provider->db, now + WATCH_LIMIT);
	if (job_correct_times(provider->db, arena, &count, &seconds)
		    == OUTCOME_OK
	    && count > 0)
		log_warning("the clock of the database was set back by %d s or "
			    "more: jobs whose times were corrected: %d",
			    (int)seconds, (int)count);
}
