#include "lib/jobs/platform_access.h"

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/jobs/marketplace_claim.h"
#include "lib/platform/authorized.h"
#include "lib/platform/platform.h"
#include "lib/store/grant.h"
#include "lib/store/resource.h"

enum { STORING = 1000 /* ms of the lease, to store a renewed token */ };

static struct grant_place grant_place(const struct platform_access *access)
{
	return (struct grant_place){
		access->db,
		access->keys,
		access->arena,
		resource_identity(access->resource),
	};
}

static struct listener_platform
describe_platform(const struct platform_access *access, const char *token,
		  int64_t left)
{
	return (struct listener_platform){
		.url = platform_api_of(platform_config(access->platform),
				       access->addon)
			       .url,
		.access_token = token,
		.expires_at = clock_wall() / 1000 + left,
	};
}

static struct listener_platform without_token(const struct resource *resource,
					      const char *why)
{
	log_warning("%s: the listener gets no token: %s", resource->id, why);
	return (struct listener_platform){ 0 };
}

/* The claim is held. */
static struct listener_platform
renew_access(const struct platform_access *access, int64_t deadline)
{
	const struct grant_place place = grant_place(access);
	struct authorized authorized =
		authorized_begin(access->platform, &place, access->addon,
				 access->resource, deadline);
	struct token token;

	authorized.need.least = PLATFORM_ACCESS_LEAST;
	token = authorized_token(&authorized);
	return token.verdict == TOKEN_READY
		? describe_platform(access, token.access, token.left)
		: without_token(access->resource, token.why);
}

static struct listener_platform
claim_and_renew(const struct platform_access *access)
{
	int64_t now = clock_now();
	int64_t deadline = now + (access->deadline - now) / 2;
	struct marketplace_claim claim = {
		.db = access->db,
		.arena = access->arena,
		.resource = access->resource->id,
		.lease = deadline - now + STORING,
		.give_up = deadline,
	};
	struct listener_platform platform;
	bool is_claimed = false;

	if (marketplace_claim_begin(&claim, &is_claimed) != OUTCOME_OK
	    || !is_claimed)
		return without_token(access->resource,
				     "another process calls the marketplace "
				     "about the resource");
	platform = renew_access(access, deadline);
	marketplace_claim_end(&claim);
	return platform;
}

struct listener_platform
platform_access_get(const struct platform_access *access)
{
	const struct grant_place place = grant_place(access);
	struct grant grant;
	bool found;

	if (!access->addon->gives_platform || !addon_may_call(access->addon)
	    || resource_is_gone(access->resource))
		return (struct listener_platform){ 0 };
	if (grant_read(&place, &grant, &found) != OUTCOME_OK)
		return without_token(access->resource,
				     "the grant could not be read");
	if (!found || (!grant.access_token && !grant.code_is_live))
		return (struct listener_platform){ 0 };
	if (grant.access_token
	    && grant.access_token_left > PLATFORM_ACCESS_LEAST)
		return describe_platform(access, grant.access_token,
					 grant.access_token_left);
	return claim_and_renew(access);
}
