#include "lib/provider/unanswered.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"
#include "lib/store/unanswered.h"
#include "lib/text/uuid.h"

enum {
	LOOK_EVERY = 2000,  /* ms */
	LOOK_LIMIT = 1000,  /* ms */
	LATE_LIMIT = 60000, /* ms in which a server may begin a statement whose
			       client has gone */
	MOST_REMEMBERED = 100
};

struct unanswered {
	struct unanswered *next;
	char resource[UUID_LENGTH + 1];
	char *request_id;
	const char *event; /* in static storage */
	char *plan;
	int64_t noted_at; /* of clock_now() */
	/* Once transactions before this one have ended, the request is not in
	 * progress any more; 0: not known yet. */
	int64_t ends_before;
};

/* ---- remembering ---- */

static char *copy_or_null(const char *text)
{
	return text ? must(strdup(text)) : NULL;
}

static int count_unanswered(const struct provider *provider)
{
	int count = 0;

	for (const struct unanswered *u = provider->unanswered; u; u = u->next)
		count++;
	return count;
}

static void release_unanswered(struct unanswered *unanswered)
{
	free(unanswered->request_id);
	free(unanswered->plan);
	free(unanswered);
}

enum outcome provider_note_unanswered(struct provider *provider,
				      const struct provider_call *call,
				      enum outcome outcome, const char *event,
				      const char *plan)
{
	struct unanswered *unanswered;

	if (outcome == OUTCOME_OK || !call->request_id
	    || !db_is_uncertain(provider->db))
		return outcome;
	log_error("resource %s: the database has not confirmed the event %s; "
		  "if it took place, the marketplace will be asked",
		  call->resource_id, event);
	if (count_unanswered(provider) == MOST_REMEMBERED) {
		log_error("resource %s: too many such requests are remembered: "
			  "run provisor reconcile",
			  call->resource_id);
		return outcome;
	}
	unanswered = must(calloc(1, sizeof *unanswered));
	memcpy(unanswered->resource, call->resource_id,
	       sizeof unanswered->resource);
	unanswered->request_id = copy_or_null(call->request_id);
	unanswered->plan = copy_or_null(plan);
	unanswered->event = event;
	unanswered->noted_at = clock_now();
	unanswered->next = provider->unanswered;
	provider->unanswered = unanswered;
	return outcome;
}

/* ---- settling ---- */

/* Return true if the request has not taken effect and will not do so. */
static bool has_request_ended(struct unanswered *unanswered,
			      const struct unanswered_effect *effect)
{
	if (clock_now() - unanswered->noted_at < LATE_LIMIT)
		return false;
	if (unanswered->ends_before == 0)
		unanswered->ends_before = effect->next;
	return effect->oldest >= unanswered->ends_before;
}

/* Return OUTCOME_OK if the database has responded. */
static enum outcome resolve_one_request(struct provider *provider,
					struct arena *arena,
					struct unanswered *unanswered,
					bool *is_resolved)
{
	const struct unanswered_request request = {
		.resource = unanswered->resource,
		.request_id = unanswered->request_id,
		.event = unanswered->event,
		.plan = unanswered->plan,
	};
	struct unanswered_effect effect;
	enum outcome outcome =
		unanswered_find(provider->db, arena, &request,
				provider->settings->repeat_horizon, &effect);

	if (outcome == OUTCOME_OK)
		*is_resolved = effect.is_there
			|| has_request_ended(unanswered, &effect);
	return outcome;
}

static void resolve_all_requests(struct provider *provider)
{
	struct arena *arena = arena_create();
	struct unanswered **place = &provider->unanswered;
	enum outcome outcome = OUTCOME_OK;

	provider_set_deadline(provider, clock_now() + LOOK_LIMIT);
	while (*place && outcome == OUTCOME_OK) {
		struct unanswered *unanswered = *place;
		bool is_resolved = false;

		outcome = resolve_one_request(provider, arena, unanswered,
					      &is_resolved);
		if (!is_resolved) {
			place = &unanswered->next;
			continue;
		}
		*place = unanswered->next;
		release_unanswered(unanswered);
	}
	provider->next_resolve_at = clock_now() + LOOK_EVERY;
	arena_destroy(arena);
}

void provider_resolve_unanswered(struct provider *provider)
{
	if (provider->unanswered && clock_now() >= provider->next_resolve_at)
		resolve_all_requests(provider);
}

void provider_forget_unanswered(struct provider *provider)
{
	if (provider->unanswered)
		resolve_all_requests(provider);
	while (provider->unanswered) {
		struct unanswered *unanswered = provider->unanswered;

		log_error("resource %s: it stays unknown whether the event %s "
			  "of request %s took place: compare the resource with "
			  "the marketplace (provisor reconcile)",
			  unanswered->resource, unanswered->event,
			  unanswered->request_id);
		provider->unanswered = unanswered->next;
		release_unanswered(unanswered);
	}
}
