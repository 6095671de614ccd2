/*
 * claim.h - finds the resource that a sign-on claims.
 *
 * sso.h verifies a sign-on and returns a claim for each add-on that could be
 * meant.
 */
#ifndef LIB_PROVIDER_CLAIM_H
#define LIB_PROVIDER_CLAIM_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct provider;
struct resource;
struct sign_on_lookup;
struct sso_claim;
struct sso_claims;

/*
 * Choose the claim whose add-on has the resource, for add-ons that share a
 * salt. If none of them has it, choose the first.
 *
 * OUTCOME_FORBIDDEN    two add-ons have a resource with this id
 * OUTCOME_UNAVAILABLE  the database does not respond
 */
MUST_CHECK enum outcome provider_choose_claim(struct provider *provider,
					      struct arena *arena,
					      const struct sso_claims *claims,
					      const struct sso_claim **claim);

/* Set *lookup to the ids by which the resource of claim is found, allocated
 * from arena.  Return false if no resource can have its id. */
MUST_CHECK bool claim_read_lookup(struct arena *arena,
				  const struct sso_claim *claim,
				  struct sign_on_lookup *lookup);

/* Find the resource of claim as resource_find() does. */
MUST_CHECK enum outcome claim_find_resource(struct provider *provider,
					    struct arena *arena,
					    const struct sso_claim *claim,
					    struct resource *resource,
					    bool *found);

#endif
