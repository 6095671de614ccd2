#include "lib/provider/sign_on.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/sign_on_target.h"
#include "lib/auth/session_cookie.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/provider/call.h"
#include "lib/provider/claim.h"
#include "lib/provider/pool_share.h"
#include "lib/store/resource.h"
#include "lib/store/sign_on.h"
#include "lib/text/form.h"
#include "lib/text/json.h"

#define OWN_DASHBOARD "/dashboard"

enum { LONGEST_NAME = 255 /* bytes; a longer one would fill the cookie */ };

/* Return a name that can be stored, or NULL. */
static const char *limit_name(const char *name)
{
	return name && *name && strlen(name) <= LONGEST_NAME ? name : NULL;
}

/* ---- refusals ---- */

static struct sign_on_event
describe_sign_on(const struct provider_sign_on_request *request,
		 const struct sso_claim *claim)
{
	return (struct sign_on_event){
		.resource = request->resource_id,
		.request_id = request->request_id,
		.user = limit_name(claim->user),
		.email = limit_name(claim->email),
		.address = request->address,
		.reason = request->reason,
	};
}

/* The sign-on is refused even if its event cannot be stored. */
static enum outcome refuse_sign_on(struct provider *provider,
				   struct provider_sign_on_request *request,
				   const struct sso_claim *claim,
				   const char *reason, enum outcome outcome)
{
	struct sign_on_event event;

	request->reason = reason;
	event = describe_sign_on(request, claim);
	(void)!sign_on_refuse(provider->db, request->arena, &event);
	return outcome;
}

/* No resource has the id of claim.  It may be one that the database has lost,
 * or whose add-on has no home. */
static enum outcome refuse_unknown(struct provider *provider,
				   struct provider_sign_on_request *request,
				   const struct sso_claim *claim)
{
	struct provider_call call = {
		.arena = request->arena,
		.addon = claim->addon,
		.request_id = request->request_id,
		.deadline = request->deadline,
	};
	struct sign_on_lookup lookup;
	enum outcome outcome = OUTCOME_OK;

	if (claim_read_lookup(request->arena, claim, &lookup))
		outcome = provider_refuse_unknown(provider, &call, lookup.id,
						  lookup.is_key);
	if (outcome == OUTCOME_OK || outcome == OUTCOME_GONE) {
		request->reason = "no-resource";
		return OUTCOME_NOT_FOUND;
	}
	request->reason = "resource-may-be-lost";
	request->refusal = PROVIDER_MAY_BE_LOST;
	return outcome;
}

/* ---- tokens ---- */

/* Return NULL if OpenSSL fails. */
static const char *digest_token(struct arena *arena, const struct addon *addon,
				const char *token)
{
	char *hex = arena_alloc(arena, DIGEST_SHA256_HEX + 1);
	const char *const parts[] = {
		addon->dialect->marketplace, " ", addon->id, " ", token,
	};

	return digest_sha256_hex(parts, COUNT(parts), hex) ? hex : NULL;
}

/* Mark the tokens as used.  *is_first is false if one of them was used
 * before. */
static enum outcome use_tokens(struct provider *provider,
			       const struct provider_sign_on_request *request,
			       const struct sso_claim *claim, bool *is_first)
{
	const char *digests[DIALECT_MAX_TOKENS + 1] = { NULL };

	*is_first = true;
	if (!claim->addon->guards_replay)
		return OUTCOME_OK;
	for (int i = 0; claim->tokens[i]; i++) {
		digests[i] = digest_token(request->arena, claim->addon,
					  claim->tokens[i]);
		if (!digests[i])
			return OUTCOME_BROKEN;
	}
	return sign_on_use_tokens(provider->db, request->arena, digests,
				  request->request_id,
				  claim->valid_until - request->now, is_first);
}

/* ---- the listener ---- */

static const struct json *describe_user(struct arena *arena,
					const struct sso_claim *claim)
{
	struct json *user = json_object(arena);

	json_put_text(user, "id", claim->user);
	json_put_text(user, "email", claim->email);
	json_put_text(user, "app", claim->app);
	return user;
}

/* Return false if too many sign-ons of this pool wait for listeners already.
 * One customer could otherwise keep all processes from the pages of others. */
static bool ask_in_place(const struct provider *provider,
			 const struct provider_sign_on_request *request,
			 const struct listener_call *call,
			 struct listener_answer *answer)
{
	bool takes_time = listener_takes_time(call->addon);
	int place = -1;

	if (takes_time
	    && !pool_share_take(provider, request->arena, POOL_SIGN_ON, &place))
		return false;
	*answer = listener_ask(provider->keys, request->arena, call);
	pool_share_end(place);
	return true;
}

static enum outcome ask_sign_on_listener(
	struct provider *provider, struct provider_sign_on_request *request,
	const struct sso_claim *claim, const struct resource *resource,
	struct listener_answer *answer)
{
	int64_t limit = clock_now() + LISTENER_SIGN_ON_LIMIT;
	int64_t deadline =
		limit < request->deadline ? limit : request->deadline;
	const struct listener_call call = {
		.addon = claim->addon,
		.resource = resource,
		.action = LISTENER_SIGN_ON,
		.plan = resource->plan,
		.user = describe_user(request->arena, claim),
		.user_is_signed = claim->user || claim->email,
		.parameters = sso_parameters(request->arena, request->form),
		.platform = provider_platform_access(provider, request->arena,
						     claim->addon, resource,
						     deadline),
		.key = request->request_id,
		.attempt = 1,
		.deadline = deadline,
		.wait_until = deadline,
	};

	if (!ask_in_place(provider, request, &call, answer)) {
		request->reason = "busy";
		return OUTCOME_UNAVAILABLE;
	}
	if (answer->verdict == LISTENER_DONE)
		return OUTCOME_OK;
	if (answer->verdict != LISTENER_REFUSED)
		return OUTCOME_UNAVAILABLE;
	request->refusal = answer->message;
	return refuse_sign_on(provider, request, claim, "listener",
			      OUTCOME_FORBIDDEN);
}

static const char *
choose_location(const struct provider_sign_on_request *request,
		const struct addon *addon, const char *provider_id,
		const char *redirect)
{
	const char *target = redirect ? redirect : addon->dashboard;

	return sign_on_target_fill(
		request->arena, target ? target : OWN_DASHBOARD,
		&(struct sign_on_target_values){
			.id = provider_id,
			.action = form_value(request->form, "action"),
			.context_app = form_value(request->form, "context_app"),
		});
}

/* ---- the session ---- */

static enum outcome seal_session(struct provider *provider,
				 struct provider_sign_on_request *request,
				 const struct sso_claim *claim,
				 const struct json *values, int64_t event,
				 struct provider_sign_on_response *response)
{
	const struct session session = {
		.event = event,
		.marketplace = claim->addon->dialect->marketplace,
		.addon = claim->addon->id,
		.resource = request->resource_id,
		.user = limit_name(claim->user),
		.email = limit_name(claim->email),
		.app = limit_name(claim->app),
		.values = values,
		.expires_at = request->now + claim->addon->session,
	};

	response->session_max_age = claim->addon->session;
	response->session =
		session_cookie_seal(provider->keys, request->arena, &session);
	if (response->session)
		return OUTCOME_OK;
	return refuse_sign_on(provider, request, claim, "session-too-large",
			      OUTCOME_FORBIDDEN);
}

static enum outcome begin_session(struct provider *provider,
				  struct provider_sign_on_request *request,
				  const struct sso_claim *claim,
				  const struct json *values,
				  struct provider_sign_on_response *response)
{
	const struct sign_on_event event = describe_sign_on(request, claim);
	int64_t id;
	enum outcome outcome =
		sign_on_begin(provider->db, request->arena, &event, &id);

	return outcome == OUTCOME_OK
		? seal_session(provider, request, claim, values, id, response)
		: outcome;
}

/* ---- in one statement ---- */

/* Return true if nothing needs to be done between finding the resource and
 * beginning the session. */
static bool can_begin_at_once(const struct sso_claim *claim)
{
	const struct addon *addon = claim->addon;

	return !listener_takes_time(addon) && !addon->guards_replay
		&& (claim->user || !addon->requires_user);
}

/* *done is false if the reason why there is no session has to be found. */
static enum outcome begin_at_once(struct provider *provider,
				  struct provider_sign_on_request *request,
				  const struct sso_claim *claim,
				  struct provider_sign_on_response *response,
				  bool *done)
{
	struct sign_on_event event = describe_sign_on(request, claim);
	struct sign_on_lookup lookup;
	int64_t id;
	enum outcome outcome;

	*done = false;
	if (!claim_read_lookup(request->arena, claim, &lookup))
		return OUTCOME_OK;
	outcome = sign_on_begin_at_once(provider->db, request->arena, &lookup,
					&event, &id, done);
	if (outcome != OUTCOME_OK || !*done)
		return outcome;
	request->resource_id = event.resource;
	response->location =
		choose_location(request, claim->addon, lookup.id, NULL);
	return seal_session(provider, request, claim, NULL, id, response);
}

/* ---- step by step ---- */

/* Find the resource, and refuse a token that was used before. */
static enum outcome admit(struct provider *provider,
			  struct provider_sign_on_request *request,
			  const struct sso_claim *claim,
			  struct resource *resource)
{
	bool found, is_first;
	enum outcome outcome = claim_find_resource(provider, request->arena,
						   claim, resource, &found);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found)
		return refuse_unknown(provider, request, claim);
	request->resource_id = resource->id;
	if (listener_takes_time(claim->addon))
		outcome = resource_get(provider->db, request->arena,
				       resource->id, resource, &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!resource_is_live(resource))
		return refuse_sign_on(provider, request, claim, "resource-gone",
				      OUTCOME_NOT_FOUND);
	if (claim->addon->requires_user && !claim->user)
		return refuse_sign_on(provider, request, claim,
				      "user-not-signed", OUTCOME_FORBIDDEN);
	outcome = use_tokens(provider, request, claim, &is_first);
	if (outcome == OUTCOME_OK && !is_first)
		return refuse_sign_on(provider, request, claim,
				      "token-used-before", OUTCOME_FORBIDDEN);
	return outcome;
}

static enum outcome
begin_step_by_step(struct provider *provider,
		   struct provider_sign_on_request *request,
		   const struct sso_claim *claim,
		   struct provider_sign_on_response *response)
{
	struct resource resource;
	struct listener_answer answer;
	enum outcome outcome = admit(provider, request, claim, &resource);

	if (outcome == OUTCOME_OK)
		outcome = ask_sign_on_listener(provider, request, claim,
					       &resource, &answer);
	if (outcome != OUTCOME_OK)
		return outcome;
	response->location = choose_location(
		request, claim->addon, resource.provider_id, answer.redirect);
	return begin_session(provider, request, claim, answer.session,
			     response);
}

enum outcome provider_sign_on(struct provider *provider,
			      struct provider_sign_on_request *request,
			      const struct sso_claim *claim,
			      struct provider_sign_on_response *response)
{
	bool done = false;
	enum outcome outcome = OUTCOME_OK;

	if (can_begin_at_once(claim))
		outcome = begin_at_once(provider, request, claim, response,
					&done);
	return outcome == OUTCOME_OK && !done
		? begin_step_by_step(provider, request, claim, response)
		: outcome;
}
