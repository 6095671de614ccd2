#include "lib/provider/sign_on.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/provider/provider.h"
#include "lib/store/resource.h"
#include "lib/crypto/digest.h"
#include "lib/auth/session_cookie.h"
#include "lib/auth/sso.h"
#include "lib/text/uuid.h"
#include "lib/listener/listener.h"
#include "lib/store/sign_on.h"

#define OWN_DASHBOARD "/dashboard"

/* Longer ones are nobody's name, and would leave no room in a cookie. */
enum { LONGEST_NAME = 255 }; /* bytes */

enum { LONGEST_WORD = 3000 }; /* ms */

static const char *sensible(const char *text)
{
	return text && *text && strlen(text) <= LONGEST_NAME ? text : NULL;
}

const char *provider_customer(struct arena *arena, const char *user,
			      const char *email)
{
	const char *who = sensible(email) ? sensible(email) : sensible(user);

	return who ? arena_printf(arena, "customer:%s", who) : "customer";
}

/* ---- the resource ---- */

static bool is_signed_on_to(const struct resource *resource)
{
	return resource->state == RESOURCE_PROVISIONING
		|| resource->state == RESOURCE_PROVISIONED;
}

static enum outcome find(struct provider *provider,
			 struct provider_sign_on_request *call,
			 const struct sso_claim *claim,
			 struct resource *resource, bool *found)
{
	const struct dialect *dialect = claim->addon->dialect;
	char uuid[UUID_LENGTH + 1];
	bool is_uuid = uuid_read(claim->id, uuid);

	*found = false;
	if (dialect->path_has_key && !is_uuid)
		return OUTCOME_OK;
	return resource_find(provider->db, call->arena, dialect->marketplace,
			     claim->addon->id, is_uuid ? uuid : claim->id,
			     claim->id_is_key, resource, found);
}

/* ---- turning away ---- */

static struct sign_on_event
event_of(const struct provider_sign_on_request *call,
	 const struct sso_claim *claim)
{
	return (struct sign_on_event){
		.resource = call->resource_id,
		.actor = provider_customer(call->arena, claim->user,
					   claim->email),
		.request_id = call->request_id,
		.user = sensible(claim->user),
		.email = sensible(claim->email),
		.address = call->address,
		.reason = call->reason,
	};
}

/* It is refused whether or not that could be written down. */
static enum outcome refuse(struct provider *provider,
			   struct provider_sign_on_request *call,
			   const struct sso_claim *claim, const char *reason,
			   enum outcome outcome)
{
	struct sign_on_event event;

	call->reason = reason;
	event = event_of(call, claim);
	sign_on_refuse(provider->db, call->arena, &event);
	return outcome;
}

/* ---- a token is used once ---- */

static enum outcome guard(struct provider *provider,
			  struct provider_sign_on_request *call,
			  const struct sso_claim *claim, bool *is_first)
{
	const char *digests[DIALECT_MAX_TOKENS + 1] = { NULL };

	*is_first = true;
	if (!claim->addon->guards_replay)
		return OUTCOME_OK;
	for (int i = 0; claim->tokens[i]; i++) {
		char *hex = arena_alloc(call->arena, DIGEST_SHA256_HEX + 1);
		const char *const parts[] = {
			claim->addon->dialect->marketplace,
			" ",
			claim->addon->id,
			" ",
			claim->tokens[i],
		};

		if (!digest_sha256_hex(parts, 5, hex))
			return OUTCOME_BROKEN;
		digests[i] = hex;
	}
	return sign_on_use_tokens(provider->db, call->arena, digests,
				  call->request_id, claim->valid_until,
				  is_first);
}

/* ---- where to ---- */

/* What the vendor's code says of a sign-on. */
struct vendor_word {
	const char *redirect;      /* NULL: as settings.json says */
	const struct json *values; /* for the session; NULL: none */
};

/* Who comes, as the vendor's code is told. */
static const struct json *user_of(const struct provider_sign_on_request *call,
				  const struct sso_claim *claim)
{
	struct json *user = json_object(call->arena);

	json_put_text(user, "id", claim->user);
	json_put_text(user, "email", claim->email);
	json_put_text(user, "app", claim->app);
	return user;
}

/* A browser waits: 3 s are what the vendor's code has. */
static enum outcome ask_vendor(struct provider *provider,
			       struct provider_sign_on_request *call,
			       const struct sso_claim *claim,
			       const struct resource *resource,
			       struct vendor_word *word)
{
	int64_t limit = clock_now() + LONGEST_WORD;
	const struct listener_call question = {
		.addon = claim->addon,
		.resource = resource,
		.action = LISTENER_SIGN_ON,
		.plan = resource->plan,
		.user = user_of(call, claim),
		.key = call->request_id,
		.attempt = 1,
		.deadline = limit < call->deadline ? limit : call->deadline,
		.wait_until = limit < call->deadline ? limit : call->deadline,
	};
	const struct listener_answer answer =
		listener_ask(provider->keys, call->arena, &question);

	*word = (struct vendor_word){ answer.redirect, answer.session };
	if (answer.verdict == LISTENER_DONE)
		return OUTCOME_OK;
	if (answer.verdict != LISTENER_REFUSED)
		return OUTCOME_UNAVAILABLE;
	call->complaint = answer.message;
	return OUTCOME_FORBIDDEN;
}

static const char *location_of(const struct provider_sign_on_request *call,
			       const struct sso_claim *claim,
			       const struct resource *resource,
			       const struct vendor_word *word)
{
	const char *dashboard = addon_dashboard(claim->addon, call->arena,
						resource->provider_id);

	if (word->redirect)
		return word->redirect;
	return dashboard ? dashboard : OWN_DASHBOARD;
}

/* ---- letting in ---- */

static enum outcome begin(struct provider *provider,
			  struct provider_sign_on_request *call,
			  const struct sso_claim *claim,
			  const struct vendor_word *word,
			  struct provider_welcome *welcome)
{
	const struct sign_on_event event = event_of(call, claim);
	struct session session = {
		.marketplace = claim->addon->dialect->marketplace,
		.addon = claim->addon->id,
		.resource = call->resource_id,
		.user = sensible(claim->user),
		.email = sensible(claim->email),
		.app = sensible(claim->app),
		.values = word->values,
		.expires_at = call->now + claim->addon->session,
	};
	enum outcome outcome = sign_on_begin(provider->db, call->arena, &event,
					     &session.issued_at);

	if (outcome != OUTCOME_OK)
		return outcome;
	welcome->age = claim->addon->session;
	welcome->session =
		session_cookie_seal(provider->keys, call->arena, &session);
	if (welcome->session)
		return OUTCOME_OK;
	return refuse(provider, call, claim, "session-too-large",
		      OUTCOME_FORBIDDEN);
}

enum outcome provider_sign_on(struct provider *provider,
			      struct provider_sign_on_request *call,
			      const struct sso_claim *claim,
			      struct provider_welcome *welcome)
{
	struct resource resource;
	struct vendor_word word;
	bool found, is_first;
	enum outcome outcome = find(provider, call, claim, &resource, &found);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found) {
		call->reason = "no-resource";
		return OUTCOME_NOT_FOUND;
	}
	call->resource_id = resource.id;
	if (!is_signed_on_to(&resource))
		return refuse(provider, call, claim, "resource-gone",
			      OUTCOME_NOT_FOUND);
	outcome = guard(provider, call, claim, &is_first);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!is_first)
		return refuse(provider, call, claim, "token-used-before",
			      OUTCOME_FORBIDDEN);
	outcome = ask_vendor(provider, call, claim, &resource, &word);
	if (outcome == OUTCOME_FORBIDDEN)
		return refuse(provider, call, claim, "vendor", outcome);
	if (outcome != OUTCOME_OK)
		return outcome;
	welcome->location = location_of(call, claim, &resource, &word);
	return begin(provider, call, claim, &word, welcome);
}
