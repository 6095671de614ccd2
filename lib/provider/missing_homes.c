#include "lib/provider/missing_homes.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/claim.h"
#include "lib/provider/provider.h"
#include "lib/store/addon_list.h"
#include "lib/store/resource.h"

enum {
	FIND_EVERY = 10000, /* ms */
	FIND_AGAIN = 1000   /* ms, after the database did not respond */
};

/* ---- finding ---- */

enum outcome missing_homes_find(const struct addons *addons, struct db *db,
				struct arena *arena,
				struct missing_homes *homes)
{
	struct addon_list names;
	enum outcome outcome = addon_list(db, arena, &names);

	*homes = (struct missing_homes){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	homes->list = arena_alloc(
		arena, ((size_t)names.count + 1) * sizeof *homes->list);
	for (int i = 0; i < names.count; i++) {
		const struct addon_name *name = &names.names[i];
		const struct addon *addon =
			addons_find_any(addons, name->marketplace, name->addon);

		if (!addon || addon->is_missing)
			homes->list[homes->count++] = (struct missing_home){
				.marketplace = name->marketplace,
				.addon = name->addon,
				.is_in_force = addon,
			};
	}
	return OUTCOME_OK;
}

/* ---- remembering ---- */

/* Return the present list, or NULL if the database does not respond.  It lives
 * until the next call. */
static const struct missing_homes *missing_homes_now(struct provider *provider)
{
	int64_t now = clock_now();
	enum outcome outcome;

	if (now < provider->next_homes_at)
		return provider->missing_homes;
	if (!provider->missing_homes_arena)
		provider->missing_homes_arena = arena_create();
	arena_reset(provider->missing_homes_arena);
	provider->missing_homes = arena_alloc(provider->missing_homes_arena,
					      sizeof *provider->missing_homes);
	outcome = missing_homes_find(provider->addons, provider->db,
				     provider->missing_homes_arena,
				     provider->missing_homes);
	if (outcome != OUTCOME_OK)
		provider->missing_homes = NULL;
	provider->next_homes_at =
		clock_now() + (outcome == OUTCOME_OK ? FIND_EVERY : FIND_AGAIN);
	return provider->missing_homes;
}

bool provider_lacks_home(struct provider *provider)
{
	const struct missing_homes *homes = missing_homes_now(provider);

	for (int i = 0; homes && i < homes->count; i++)
		if (!homes->list[i].is_in_force)
			return true;
	return !homes;
}

static bool may_be_signed_for(struct provider *provider, struct arena *arena,
			      const struct missing_home *home,
			      const struct dialect *dialect,
			      const struct sso_request *request)
{
	const struct addon absent = {
		.id = home->addon,
		.dialect = dialect,
		.accepts_legacy_sign_on = true,
	};
	struct sso_claim claim;
	struct resource resource;
	bool found;

	return strcmp(dialect->marketplace, home->marketplace) == 0
		&& sso_read_claim(&absent, request, &claim)
		&& (claim_find_resource(provider, arena, &claim, &resource,
					&found)
			    != OUTCOME_OK
		    || found);
}

bool provider_may_lack_signer(struct provider *provider, struct arena *arena,
			      const struct sso_request *request)
{
	const struct missing_homes *homes = missing_homes_now(provider);

	for (int i = 0; homes && i < homes->count; i++)
		for (int k = 0; !homes->list[i].is_in_force && dialects[k]; k++)
			if (may_be_signed_for(provider, arena, &homes->list[i],
					      dialects[k], request))
				return true;
	return !homes;
}

int provider_count_missing_homes(struct provider *provider)
{
	const struct missing_homes *homes = missing_homes_now(provider);

	return homes ? homes->count : 0;
}

bool provider_lacks_home_of(struct provider *provider, const char *marketplace,
			    const char *addon)
{
	const struct missing_homes *homes = missing_homes_now(provider);

	for (int i = 0; homes && i < homes->count; i++)
		if (strcmp(homes->list[i].marketplace, marketplace) == 0
		    && strcmp(homes->list[i].addon, addon) == 0)
			return true;
	return !homes;
}

/* ---- renamed add-ons ---- */

static enum outcome refuse_renamed_from(struct provider *provider,
					struct provider_call *call,
					const struct missing_home *home,
					const char *id, bool is_key)
{
	struct resource resource;
	bool found;
	enum outcome outcome =
		resource_find(provider->db, call->arena, home->marketplace,
			      home->addon, id, is_key, &resource, &found);

	if (outcome != OUTCOME_OK || !found)
		return outcome;
	if (resource_is_gone(&resource))
		return OUTCOME_GONE;
	log_error("resource %s belongs to %s at %s, which has no home on this "
		  "host, so the request to %s got 503: put the home of %s "
		  "back or, if it was renamed, run provisor addons rename %s "
		  "%s",
		  resource.id, home->addon, home->marketplace, call->addon->id,
		  home->addon, home->addon, call->addon->id);
	return OUTCOME_UNAVAILABLE;
}

/* This process still has the add-on, which may have been renamed together with
 * its resources. */
static enum outcome refuse_missing(const struct addon *addon, const char *id)
{
	log_error("%s has no resource %s, but its home is missing, so the "
		  "request got 503: put the home back, or run provisor reload",
		  addon->id, id);
	return OUTCOME_UNAVAILABLE;
}

enum outcome provider_refuse_renamed(struct provider *provider,
				     struct provider_call *call, const char *id,
				     bool is_key)
{
	const struct missing_homes *homes;
	enum outcome outcome;

	if (call->addon->is_missing)
		return refuse_missing(call->addon, id);
	homes = missing_homes_now(provider);
	outcome = homes ? OUTCOME_OK : OUTCOME_UNAVAILABLE;

	for (int i = 0; homes && i < homes->count && outcome == OUTCOME_OK; i++)
		if (strcmp(homes->list[i].marketplace,
			   call->addon->dialect->marketplace)
		    == 0)
			outcome = refuse_renamed_from(
				provider, call, &homes->list[i], id, is_key);
	return outcome;
}
