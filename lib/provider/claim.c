#include "lib/provider/claim.h"

#include "lib/addon/addon.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/provider.h"
#include "lib/store/resource.h"
#include "lib/store/sign_on.h"
#include "lib/text/uuid.h"

bool claim_read_lookup(struct arena *arena, const struct sso_claim *claim,
		       struct sign_on_lookup *lookup)
{
	const struct dialect *dialect = claim->addon->dialect;
	char *uuid = arena_alloc(arena, UUID_LENGTH + 1);
	bool is_uuid = uuid_read(claim->id, uuid);

	*lookup = (struct sign_on_lookup){
		.marketplace = dialect->marketplace,
		.addon = claim->addon->id,
		.id = is_uuid ? uuid : claim->id,
		.is_key = claim->id_is_key,
	};
	return is_uuid || !dialect->path_has_key;
}

enum outcome claim_find_resource(struct provider *provider, struct arena *arena,
				 const struct sso_claim *claim,
				 struct resource *resource, bool *found)
{
	struct sign_on_lookup lookup;

	*found = false;
	if (!claim_read_lookup(arena, claim, &lookup))
		return OUTCOME_OK;
	return resource_find(provider->db, arena, lookup.marketplace,
			     lookup.addon, lookup.id, lookup.is_key, resource,
			     found);
}

/* ---- add-ons that share a salt ---- */

enum claim_rank { CLAIM_NO_RESOURCE, CLAIM_GONE, CLAIM_LIVE };

static enum outcome rank_claim(struct provider *provider, struct arena *arena,
			       const struct sso_claim *claim,
			       enum claim_rank *rank)
{
	struct resource resource;
	bool found;
	enum outcome outcome =
		claim_find_resource(provider, arena, claim, &resource, &found);

	*rank = CLAIM_NO_RESOURCE;
	if (outcome == OUTCOME_OK && found)
		*rank = resource_is_live(&resource) ? CLAIM_LIVE : CLAIM_GONE;
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
