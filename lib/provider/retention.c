/*
 * retention.c - removes what the settings say is old.
 */
#include "lib/provider/provider.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/settings/settings.h"
#include "lib/store/retention.h"

enum {
	REMOVE_EVERY = 60000, /* ms */
	REMOVE_LIMIT = 5000,  /* ms for the database */
	/* A request that is repeated late finds its digest. */
	KEEP_USED_DIGESTS = 24 * 3600 * 1000 /* ms after they have expired */
};

/* ms; no marketplace is known to repeat a notification for longer. */
static const int64_t keep_notifications = INT64_C(30) * 24 * 3600 * 1000;

void provider_keep_times(const struct provider *provider, int64_t keep[])
{
	const struct settings *settings = provider->settings;

	keep[RETENTION_JOBS] = settings->keep_jobs;
	keep[RETENTION_EVENTS] = settings->keep_events;
	keep[RETENTION_EVENT_PEOPLE] = settings->personal_data;
	keep[RETENTION_RESOURCES] = settings->personal_data;
	keep[RETENTION_USED_DIGESTS] = KEEP_USED_DIGESTS;
	keep[RETENTION_NOTIFICATIONS] = keep_notifications;
}

void provider_remove_old(struct provider *provider, struct arena *arena)
{
	int64_t keep[RETENTION_SUBJECTS];
	int64_t now = clock_now();
	bool is_all_done = true;

	if (now < provider->next_removal_at)
		return;
	provider_keep_times(provider, keep);
	db_set_deadline(provider->db, now + REMOVE_LIMIT);
	for (int subject = 0; subject < RETENTION_SUBJECTS; subject++) {
		bool is_done = true;

		if (keep[subject] > 0
		    && retention_remove(provider->db, arena,
					(enum retention_subject)subject,
					keep[subject], &is_done)
			    == OUTCOME_OK)
			is_all_done = is_all_done && is_done;
	}
	if (is_all_done)
		provider->next_removal_at = now + REMOVE_EVERY;
}
