#include "lib/provider/sign_on.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/auth/session_cookie.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/provider/provider.h"
#include "lib/store/resource.h"
#include "lib/store/sign_on.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

#define OWN_DASHBOARD "/dashboard"

enum {
	LONGEST_NAME = 255,   /* bytes; a longer one would fill the cookie */
	LISTENER_LIMIT = 3000 /* ms: a browser waits */
};

/* Return a name that can be stored, or NULL. */
static const char *limit_name(const char *name)
{
	return name && *name && strlen(name) <= LONGEST_NAME ? name : NULL;
}

const char *provider_customer_actor(struct arena *arena, const char *user,
				    const char *email)
{
	const char *name = limit_name(email);

	if (!name)
		name = limit_name(user);
	return name ? arena_printf(arena, "customer:%s", name) : "customer";
}

/* ---- the resource ---- */

static bool accepts_sign_on(const struct resource *resource)
{
	return resource->state == RESOURCE_PROVISIONING
		|| resource->state == RESOURCE_PROVISIONED;
}

static enum outcome find_claimed_resource(struct provider *provider,
					  struct arena *arena,
					  const struct sso_claim *claim,
					  struct resource *resource,
					  bool *found)
{
	const struct dialect *dialect = claim->addon->dialect;
	char uuid[UUID_LENGTH + 1];
	bool is_uuid = uuid_read(claim->id, uuid);

	*found = false;
	if (dialect->path_has_key && !is_uuid)
		return OUTCOME_OK;
	return resource_find(provider->db, arena, dialect->marketplace,
			     claim->addon->id, is_uuid ? uuid : claim->id,
			     claim->id_is_key, resource, found);
}

/* ---- add-ons that share a salt ---- */

enum claim_rank { CLAIM_NO_RESOURCE, CLAIM_GONE, CLAIM_LIVE };

static enum outcome rank_claim(struct provider *provider, struct arena *arena,
			       const struct sso_claim *claim,
			       enum claim_rank *rank)
{
	struct resource resource;
	bool found;
	enum outcome outcome = find_claimed_resource(provider, arena, claim,
						     &resource, &found);

	*rank = CLAIM_NO_RESOURCE;
	if (outcome == OUTCOME_OK && found)
		*rank = accepts_sign_on(&resource) ? CLAIM_LIVE : CLAIM_GONE;
	return outcome;
}

enum outcome provider_choose_claim(struct provider *provider,
				   struct arena *arena,
				   const struct sso_claims *claims,
				   const struct sso_claim **claim)
{
	enum claim_rank best = CLAIM_NO_RESOURCE;
	int live = 0;

	*claim = &claims->list[0];
	for (int i = 0; claims->count > 1 && i < claims->count; i++) {
		enum claim_rank rank;
		enum outcome outcome =
			rank_claim(provider, arena, &claims->list[i], &rank);

		if (outcome != OUTCOME_OK)
			return outcome;
		live += rank == CLAIM_LIVE;
		if (rank > best) {
			best = rank;
			*claim = &claims->list[i];
		}
	}
	return live > 1 ? OUTCOME_FORBIDDEN : OUTCOME_OK;
}

/* ---- refusals ---- */

static struct sign_on_event
describe_sign_on(const struct provider_sign_on_request *request,
		 const struct sso_claim *claim)
{
	return (struct sign_on_event){
		.resource = request->resource_id,
		.actor = provider_customer_actor(request->arena, claim->user,
						 claim->email),
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
				  request->request_id, claim->valid_until,
				  is_first);
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

static enum outcome ask_sign_on_listener(
	struct provider *provider, struct provider_sign_on_request *request,
	const struct sso_claim *claim, const struct resource *resource,
	struct listener_answer *answer)
{
	int64_t limit = clock_now() + LISTENER_LIMIT;
	int64_t deadline =
		limit < request->deadline ? limit : request->deadline;
	const struct listener_call call = {
		.addon = claim->addon,
		.resource = resource,
		.action = LISTENER_SIGN_ON,
		.plan = resource->plan,
		.user = describe_user(request->arena, claim),
		.key = request->request_id,
		.attempt = 1,
		.deadline = deadline,
		.wait_until = deadline,
	};

	*answer = listener_ask(provider->keys, request->arena, &call);
	if (answer->verdict == LISTENER_DONE)
		return OUTCOME_OK;
	if (answer->verdict != LISTENER_REFUSED)
		return OUTCOME_UNAVAILABLE;
	request->complaint = answer->message;
	return refuse_sign_on(provider, request, claim, "listener",
			      OUTCOME_FORBIDDEN);
}

static const char *choose_location(struct arena *arena,
				   const struct addon *addon,
				   const struct resource *resource,
				   const char *redirect)
{
	const char *dashboard =
		addon_dashboard(addon, arena, resource->provider_id);

	if (redirect)
		return redirect;
	return dashboard ? dashboard : OWN_DASHBOARD;
}

/* ---- the session ---- */

static enum outcome begin_session(struct provider *provider,
				  struct provider_sign_on_request *request,
				  const struct sso_claim *claim,
				  const struct json *values,
				  struct provider_sign_on_response *response)
{
	const struct sign_on_event event = describe_sign_on(request, claim);
	struct session session = {
		.marketplace = claim->addon->dialect->marketplace,
		.addon = claim->addon->id,
		.resource = request->resource_id,
		.user = limit_name(claim->user),
		.email = limit_name(claim->email),
		.app = limit_name(claim->app),
		.values = values,
		.expires_at = request->now + claim->addon->session,
	};
	enum outcome outcome = sign_on_begin(provider->db, request->arena,
					     &event, &session.issued_at);

	if (outcome != OUTCOME_OK)
		return outcome;
	response->session_max_age = claim->addon->session;
	response->session =
		session_cookie_seal(provider->keys, request->arena, &session);
	if (response->session)
		return OUTCOME_OK;
	return refuse_sign_on(provider, request, claim, "session-too-large",
			      OUTCOME_FORBIDDEN);
}

/* Find the resource, and refuse a token that was used before. */
static enum outcome admit(struct provider *provider,
			  struct provider_sign_on_request *request,
			  const struct sso_claim *claim,
			  struct resource *resource)
{
	bool found, is_first;
	enum outcome outcome = find_claimed_resource(provider, request->arena,
						     claim, resource, &found);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found) {
		request->reason = "no-resource";
		return OUTCOME_NOT_FOUND;
	}
	request->resource_id = resource->id;
	if (!accepts_sign_on(resource))
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

enum outcome provider_sign_on(struct provider *provider,
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
	response->location = choose_location(request->arena, claim->addon,
					     &resource, answer.redirect);
	return begin_session(provider, request, claim, answer.session,
			     response);
}
