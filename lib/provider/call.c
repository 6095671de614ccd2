#include "lib/provider/call.h"

#include <string.h>
#include <time.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/jobs/job_run.h"
#include "lib/jobs/platform_access.h"
#include "lib/jobs/vendor_id.h"
#include "lib/provider/pool_share.h"
#include "lib/settings/settings.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/uuid.h"

enum {
	BUSY_PAUSE = 200,  /* ms between attempts */
	BUSY_LIMIT = 3000, /* ms of pauses */
	STORING = 100      /* ms before the deadline, to store a result */
};

enum outcome provider_fail(struct provider_call *call, enum outcome outcome,
			   const char *failure)
{
	call->failure = failure;
	return outcome;
}

enum outcome provider_require_provisioned(struct provider_call *call,
					  const struct resource *resource)
{
	if (resource_is_gone(resource))
		return provider_fail(call, OUTCOME_GONE, "it is deprovisioned");
	if (resource_is_provisioned(resource))
		return OUTCOME_OK;
	if (resource->state == RESOURCE_MOVED)
		return provider_fail(call, OUTCOME_INVALID,
				     arena_printf(call->arena,
						  "it is moved: its content "
						  "belongs to %s",
						  resource->moved_to
							  ? resource->moved_to
							  : "another one"));
	return provider_fail(call, OUTCOME_INVALID,
			     resource->state == RESOURCE_PROVISIONING
				     ? "it is still being provisioned: wait "
				       "until it is ready"
				     : "it was not provisioned");
}

struct resource_actor provider_actor(const struct provider_call *call)
{
	return (struct resource_actor){
		.name = call->actor ? call->actor
				    : call->addon->dialect->marketplace,
		.request_id = call->request_id,
	};
}

/* ---- attempts ---- */

/* Return false if there is no time to wait. */
static bool wait_while_busy(const struct provider_call *call, int64_t *waited)
{
	const struct timespec pause = { .tv_nsec = BUSY_PAUSE * 1000000L };

	if (*waited >= BUSY_LIMIT || clock_now() + BUSY_PAUSE >= call->deadline)
		return false;
	nanosleep(&pause, NULL);
	*waited += BUSY_PAUSE;
	return true;
}

static enum outcome try_until_done(
	struct provider_call *call,
	enum outcome (*attempt)(void *use_case, enum provider_progress *),
	void *use_case, const char *failure)
{
	enum provider_progress progress = PROVIDER_RACED;
	int64_t waited = 0;

	while (call->addon->is_valid && clock_now() < call->deadline) {
		enum outcome outcome = attempt(use_case, &progress);

		if (outcome != OUTCOME_OK || progress == PROVIDER_DONE)
			return outcome;
		if (progress == PROVIDER_BUSY
		    && !wait_while_busy(call, &waited))
			break;
	}
	if (progress == PROVIDER_BUSY)
		call->failure = failure;
	return OUTCOME_UNAVAILABLE;
}

enum outcome provider_try(struct provider_call *call,
			  enum outcome (*attempt)(void *use_case,
						  enum provider_progress *),
			  void *use_case, const char *failure)
{
	enum outcome outcome = try_until_done(call, attempt, use_case, failure);

	if (call->has_place)
		pool_share_end(call->place);
	call->has_place = false;
	return outcome;
}

/* ---- resources ---- */

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

enum outcome provider_stored_response(struct provider *provider,
				      struct provider_call *call,
				      const struct resource *resource,
				      const char *message,
				      struct dialect_response *response)
{
	const char *drain = resource_secrets_open_text(
		provider->keys, call->arena, resource_identity(resource),
		RESOURCE_SECRET_LOG_DRAIN, resource->log_drain_url);
	struct resource_secrets secrets;

	if (!resource_secrets_open(provider->keys, call->arena,
				   resource_identity(resource),
				   resource->config, &secrets)
	    || (resource->log_drain_url && !drain))
		return OUTCOME_UNAVAILABLE;
	*response = (struct dialect_response){
		.config = secrets.config,
		.message = message,
		.log_drain_url = drain,
	};
	return OUTCOME_OK;
}

/* ---- listeners ---- */

enum outcome provider_ask_at_once(struct provider *provider,
				  struct provider_call *call,
				  enum listener_action action,
				  const struct resource *resource,
				  const char *plan,
				  struct listener_answer *answer)
{
	const struct listener_call question = {
		.addon = call->addon,
		.resource = resource,
		.action = action,
		.plan = plan,
		.old_plan =
			action == LISTENER_CHANGE_PLAN ? resource->plan : NULL,
	};

	*answer = listener_ask(provider->keys, call->arena, &question);
	vendor_id_judge(provider->db, call->arena, resource, answer);
	if (answer->verdict == LISTENER_DONE)
		return OUTCOME_OK;
	return answer->verdict == LISTENER_REFUSED
		? provider_fail(call, OUTCOME_INVALID, answer->message)
		: OUTCOME_UNAVAILABLE;
}

enum outcome provider_take_place(struct provider *provider,
				 struct provider_call *call)
{
	if (!call->has_place)
		call->has_place = pool_share_call(provider, call->arena,
						  call->addon, &call->place);
	if (call->has_place)
		return OUTCOME_OK;
	call->reason = "busy";
	return provider_fail(call, OUTCOME_UNAVAILABLE,
			     "Too many requests for this add-on are in "
			     "progress. Please try again in a moment.");
}

struct job_claim provider_claim(const struct provider *provider,
				struct provider_call *call)
{
	int64_t lease = job_run_lease(call->listen_until);
	struct job_claim claim = {
		.lease = lease,
		.run_in = lease
			+ (call->keeps ? 0
				       : provider->settings->repeat_horizon),
		.keeps = call->keeps,
	};

	if (!*call->claim)
		uuid_random(call->claim);
	memcpy(claim.id, call->claim, sizeof claim.id);
	return claim;
}

/* A worker opens it when the first add-on needs it. */
static struct platform *open_platform_for(struct provider *provider,
					  const struct addon *addon)
{
	if (addon->gives_platform)
		provider_open_platform(provider);
	return provider->platform;
}

struct listener_platform
provider_platform_access(struct provider *provider, struct arena *arena,
			 const struct addon *addon,
			 const struct resource *resource, int64_t deadline)
{
	return platform_access_get(&(struct platform_access){
		.db = provider->db,
		.arena = arena,
		.keys = provider->keys,
		.platform = open_platform_for(provider, addon),
		.addon = addon,
		.resource = resource,
		.deadline = deadline,
	});
}

enum outcome provider_carry_out(struct provider *provider,
				struct provider_call *call,
				const struct resource *resource,
				const struct job *job,
				struct dialect_response *response)
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
		.wait_until = call->deadline - STORING,
		.platform = open_platform_for(provider, call->addon),
		.retry_delay = call->keeps ? 0
					   : provider->settings->repeat_horizon,
		.is_awaited = true,
		.may_promise = !call->keeps
			&& job_run_can_promise(call->addon, resource),
	};
	enum outcome outcome = job_run_carry_out(&run);

	call->failure = run.failure;
	call->is_left_to_job = outcome == OUTCOME_UNAVAILABLE;
	*response = run.response;
	return outcome;
}
