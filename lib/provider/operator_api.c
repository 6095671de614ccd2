#include "lib/provider/operator_api.h"

#include <string.h>
#include <time.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/jobs/job_run.h"
#include "lib/provider/operator_call.h"
#include "lib/settings/settings.h"
#include "lib/store/event_add.h"
#include "lib/store/grant.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"

enum {
	LEASE = 5 * 60 * 1000,  /* ms for all calls */
	CALL_LIMIT = 30 * 1000, /* ms for one call */
	TRIES = 3,
	LONGEST_WAIT = 60, /* s, if the marketplace requires it */
	FEW_CALLS = 100    /* if the limit leaves fewer, pause after each */
};

static void sleep_ms(int64_t ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000,
					.tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* ---- the claim ---- */

static enum outcome require_token(struct operator_act *act,
				  const struct addon *addon,
				  const struct resource *resource)
{
	if (!addon_has_tokens(addon) || !addon->client_secret)
		return operator_fail(
			act, OUTCOME_INVALID,
			"provisor cannot call the marketplace for this add-on: "
			"settings.json has no client_secret_file, or the "
			"marketplace has no API for this");
	if (!job_run_can_call(addon, resource) || !resource->marketplace_id)
		return operator_fail(
			act, OUTCOME_INVALID,
			"the resource has no grant, or has it no longer");
	return OUTCOME_OK;
}

static enum outcome wait_for_claim(struct operator_api *api)
{
	bool is_claimed = false;
	enum outcome outcome;

	api->claim = (struct marketplace_claim){
		.db = api->provider->db,
		.arena = api->act->arena,
		.resource = api->resource.id,
		.lease = LEASE,
		.give_up = api->act->deadline,
	};
	outcome = marketplace_claim_begin(&api->claim, &is_claimed);
	if (outcome == OUTCOME_OK && !is_claimed)
		return operator_fail(
			api->act, OUTCOME_UNAVAILABLE,
			"another process calls the marketplace about it: try "
			"again, or see provisor jobs list");
	return outcome;
}

enum outcome operator_api_begin(struct provider *provider,
				struct operator_act *act,
				const struct json *resource, const char *event,
				const char *what, struct operator_api *api)
{
	const char *id = json_text(json_member(resource, "id"));
	const struct resource_actor actor = operator_actor(act);
	struct provider_call call;
	bool found;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	*api = (struct operator_api){ .provider = provider, .act = act };
	if (outcome == OUTCOME_OK)
		outcome = resource_get(provider->db, act->arena, id,
				       &api->resource, &found);
	if (outcome != OUTCOME_OK)
		return operator_end_call(act, &call, outcome);
	api->addon = call.addon;
	outcome = require_token(act, api->addon, &api->resource);
	if (outcome == OUTCOME_OK)
		outcome = event_add(provider->db, act->arena, id, event, &actor,
				    what);
	if (outcome == OUTCOME_OK)
		provider_open_platform(provider);
	return outcome == OUTCOME_OK ? wait_for_claim(api) : outcome;
}

void operator_api_end(const struct operator_api *api)
{
	marketplace_claim_end(&api->claim);
}

/* ---- calls ---- */

static int64_t earlier_time(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

static struct authorized prepare_call(const struct operator_api *api,
				      int64_t deadline)
{
	const struct grant_place place = {
		api->provider->db,
		api->provider->keys,
		api->act->arena,
		resource_identity(&api->resource),
	};
	struct authorized authorized = authorized_begin(
		api->provider->platform, &place, api->addon, &api->resource,
		earlier_time(deadline,
			     earlier_time(clock_now() + CALL_LIMIT,
					  api->claim.valid_to)));

	authorized.need.was_tried = true;
	return authorized;
}

struct token operator_api_token(const struct operator_api *api,
				int64_t deadline)
{
	struct authorized authorized = prepare_call(api, deadline);

	authorized.need.least = OPERATOR_TOKEN_LEAST;
	return authorized_token(&authorized);
}

const char *operator_api_print_token(const struct operator_api *api,
				     const struct token *token)
{
	struct arena *arena = api->act->arena;
	struct json *object = json_object(arena);

	json_put_text(object, "url",
		      platform_api_of(platform_config(api->provider->platform),
				      api->addon)
			      .url);
	json_put_text(object, "access_token", token->access);
	json_put_text(object, "expires_at",
		      iso8601_write(arena, clock_wall() / 1000 + token->left));
	return json_print(arena, object);
}

static bool must_wait(const struct operator_api *api,
		      const struct platform_response *response)
{
	return response->status == 429 && response->retry_after <= LONGEST_WAIT
		&& clock_now() + LONGEST_WAIT * 1000L + CALL_LIMIT
		< api->claim.valid_to;
}

static struct platform_response ask_patiently(const struct operator_api *api,
					      struct platform_request request)
{
	struct platform_response response;

	for (int try = 1;; try++) {
		struct authorized authorized =
			prepare_call(api, api->claim.valid_to);

		response = authorized_ask(&authorized, request);
		if (try == TRIES || !must_wait(api, &response))
			break;
		sleep_ms(1000L
			 * (response.retry_after > 0 ? response.retry_after
						     : try));
	}
	if (0 <= response.remaining && response.remaining < FEW_CALLS)
		sleep_ms(1000);
	return response;
}

static const char *fill_path(struct arena *arena, const char *path,
			     const char *name, const char *value)
{
	const char *at = strstr(path, name);

	return at
		? arena_printf(arena, "%.*s%s%s", (int)(at - path), path, value,
			       fill_path(arena, at + strlen(name), name, value))
		: path;
}

/* Return the id of the app, or NULL after setting *response. */
static const char *find_app(const struct operator_api *api,
			    struct platform_response *response)
{
	const char *app;

	*response = ask_patiently(
		api, (struct platform_request){ .call = PLATFORM_READ });
	app = json_text(json_member(json_member(response->body, "app"), "id"));
	if (response->verdict == PLATFORM_DONE && !app)
		*response = platform_response_none(
			api->act->arena, PLATFORM_REFUSED, "{app}",
			"the marketplace does not name the app");
	return response->verdict == PLATFORM_DONE ? app : NULL;
}

struct platform_response operator_api_ask(const struct operator_api *api,
					  const char *method, const char *path,
					  const char *body, const char *range)
{
	static const char app_name[] = "{app}";
	struct arena *arena = api->act->arena;
	struct platform_response response;
	const char *app;

	if (strstr(path, app_name)) {
		app = find_app(api, &response);
		if (!app)
			return response;
		path = fill_path(arena, path, app_name, app);
	}
	path = fill_path(arena, path, "{addon}", api->resource.marketplace_id);
	return ask_patiently(api,
			     (struct platform_request){ .call = PLATFORM_OTHER,
							.method = method,
							.path = path,
							.body = body,
							.range = range });
}
