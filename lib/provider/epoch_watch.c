/*
 * epoch_watch.c - notices that the database was restored or has failed over.
 */
#include "lib/provider/call.h"

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/provider/missing_homes.h"
#include "lib/store/epoch.h"
#include "lib/text/json.h"

enum {
	WATCH_EVERY = 60000, /* ms */
	WATCH_LIMIT = 5000   /* ms for the database */
};

void provider_watch_epoch(struct provider *provider, struct arena *arena)
{
	int64_t now = clock_now();
	const struct json *epoch;

	if (provider->epoch_watched_at != 0
	    && now - provider->epoch_watched_at < WATCH_EVERY)
		return;
	db_set_deadline(provider->db, now + WATCH_LIMIT);
	if (epoch_notice(provider->db, arena) != OUTCOME_OK
	    || epoch_get(provider->db, arena, &epoch) != OUTCOME_OK)
		return;
	provider->epoch_watched_at = now;
	if (!json_text(json_member(epoch, "accepted_at")))
		log_error("the database was restored or has failed over: jobs "
			  "that could do harm are held until provisor restored "
			  "releases them");
}

void provider_watch_failover(struct provider *provider, struct arena *arena)
{
	db_look_for_successor(provider->db, arena);
}

enum outcome provider_refuse_lost(struct provider *provider,
				  struct arena *arena,
				  const struct addon *addon, const char *id)
{
	bool is_accepted;
	enum outcome outcome =
		epoch_is_accepted(provider->db, arena, &is_accepted);

	if (outcome != OUTCOME_OK || is_accepted)
		return outcome;
	log_error("%s has no resource %s, but the database was restored or has "
		  "failed over and may lack it, so the request got 503: "
		  "provisor restored",
		  addon->id, id);
	return OUTCOME_UNAVAILABLE;
}

enum outcome provider_refuse_unknown(struct provider *provider,
				     struct provider_call *call, const char *id,
				     bool is_key)
{
	enum outcome outcome =
		provider_refuse_renamed(provider, call, id, is_key);

	return outcome == OUTCOME_OK
		? provider_refuse_lost(provider, call->arena, call->addon, id)
		: outcome;
}
