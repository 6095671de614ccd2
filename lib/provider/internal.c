#include "lib/provider/internal.h"

#include <string.h>
#include <time.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/settings/settings.h"
#include "lib/jobs/job_run.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/uuid.h"

enum {
	LOOK_EVERY = 200, /* ms */
	LOOK_FOR = 3000,  /* ms */
	ANSWERING = 100   /* ms of the deadline, to store what came of it */
};

enum outcome provider_fail(struct provider_call *call, enum outcome outcome,
			   const char *complaint)
{
	call->complaint = complaint;
	return outcome;
}

bool provider_has_time(const struct provider_call *call)
{
	return clock_now() < call->deadline;
}

struct resource_actor provider_actor(const struct provider_call *call)
{
	return (struct resource_actor){
		.name = call->actor ? call->actor
				    : call->addon->dialect->marketplace,
		.request_id = call->request_id,
	};
}

enum outcome provider_find(struct provider *provider,
			   struct provider_call *call, const char *id,
			   bool is_key, struct resource *resource, bool *found)
{
	enum outcome outcome = resource_find(
		provider->db, call->arena, call->addon->dialect->marketplace,
		call->addon->id, id, is_key, resource, found);

	if (outcome == OUTCOME_OK && *found)
		call->resource_id = resource->id;
	return outcome;
}

void provider_choose_ids(struct provider_call *call, struct resource *resource,
			 const char *key, bool is_taken)
{
	char *id = arena_alloc(call->arena, UUID_LENGTH + 1);

	if (!key || is_taken || !uuid_read(key, id))
		uuid_random(id);
	resource->id = resource->provider_id = id;
	resource->marketplace = call->addon->dialect->marketplace;
	resource->addon = call->addon->id;
	resource->marketplace_id = key;
	call->resource_id = id;
}

enum outcome provider_answer_kept(struct provider *provider,
				  struct provider_call *call,
				  const struct resource *resource,
				  const char *message,
				  struct dialect_response *answer)
{
	const char *drain = resource_secrets_open_text(
		provider->keys, call->arena, resource->id,
		RESOURCE_SECRET_LOG_DRAIN, resource->log_drain_url);
	struct resource_secrets kept;

	if (!resource_secrets_open(provider->keys, call->arena, resource->id,
				   resource->config, &kept)
	    || (resource->log_drain_url && !drain))
		return OUTCOME_UNAVAILABLE;
	*answer = (struct dialect_response){
		.id = resource->provider_id,
		.config = kept.config,
		.message = message,
		.log_drain_url = drain,
	};
	return OUTCOME_OK;
}

void provider_tell(struct provider *provider, struct arena *arena,
		   const struct addon *addon, const struct resource *resource,
		   const char *line)
{
	if (addon->writes_logs && addon->dialect->may_promise
	    && resource->log_input_url)
		job_write_log(provider->db, arena, resource->id, line);
}

/* ---- work in hand ---- */

struct job_claim provider_claim(const struct provider *provider,
				struct provider_call *call)
{
	int64_t lease = job_run_lease(call->listen_until);
	struct job_claim claim = {
		.lease = lease,
		.run_in = lease + provider->settings->repeat_horizon,
	};

	if (!*call->claim)
		uuid_random(call->claim);
	memcpy(claim.id, call->claim, sizeof claim.id);
	return claim;
}

enum outcome provider_fulfil(struct provider *provider,
			     struct provider_call *call,
			     const struct resource *resource,
			     const struct job *job, bool may_promise,
			     struct dialect_response *answer)
{
	struct job_run run = {
		.claim = {
			.db = provider->db,
			.arena = call->arena,
			.job = job,
			.actor = provider_actor(call),
		},
		.keys = provider->keys,
		.addon = call->addon,
		.resource = resource,
		.deadline = call->listen_until,
		.wait_until = call->deadline - ANSWERING,
		.retry_delay = provider->settings->repeat_horizon,
		.may_promise = may_promise,
	};
	enum outcome outcome = job_run_carry_out(&run);

	call->complaint = run.complaint;
	*answer = run.response;
	return outcome;
}

bool provider_wait(const struct provider_call *call, int64_t *waited)
{
	const struct timespec moment = { .tv_nsec = LOOK_EVERY * 1000000L };

	if (*waited >= LOOK_FOR || clock_now() + LOOK_EVERY >= call->deadline)
		return false;
	nanosleep(&moment, NULL);
	*waited += LOOK_EVERY;
	return true;
}
