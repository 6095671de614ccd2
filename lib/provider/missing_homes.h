/*
 * missing_homes.h - add-ons that have resources, but no home on this host.
 *
 * A home may be missing for a moment while it is replaced, or its add-on may
 * have been renamed.  A process that starts meanwhile knows neither its path
 * nor its password.  No response may then say that a resource is gone, because
 * the marketplace would believe it: these requests get OUTCOME_UNAVAILABLE.
 *
 * The database is asked only where a request would be refused otherwise, and at
 * most once in ten seconds.
 */
#ifndef LIB_PROVIDER_MISSING_HOMES_H
#define LIB_PROVIDER_MISSING_HOMES_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct addons;
struct arena;
struct db;
struct provider;
struct provider_call;
struct sso_request;

struct missing_home {
	const char *marketplace, *addon;
	bool is_in_force; /* this process still has the add-on */
};

struct missing_homes {
	int count;
	struct missing_home *list;
};

/* List the add-ons without a home.  Return OUTCOME_OK or the failure of
 * db_run(). */
MUST_CHECK enum outcome missing_homes_find(const struct addons *addons,
					   struct db *db, struct arena *arena,
					   struct missing_homes *homes);

/* Return true if a request that is for no add-on here may be for one whose home
 * is missing, also if the database does not respond. */
MUST_CHECK bool provider_lacks_home(struct provider *provider);

/*
 * Return true if a sign-on that no add-on here has signed may be for one whose
 * home is missing: the form is as its marketplace signs one, and names one of
 * its resources.  Return true also if the database does not respond.
 */
MUST_CHECK bool provider_may_lack_signer(struct provider *provider,
					 struct arena *arena,
					 const struct sso_request *request);

/* Return how many add-ons are known to have no home, in force or not. */
int provider_count_missing_homes(struct provider *provider);

/* Return true if this add-on may be one of them. */
MUST_CHECK bool provider_lacks_home_of(struct provider *provider,
				       const char *marketplace,
				       const char *addon);

/*
 * Look for a resource with this id, which the add-on of call does not have, in
 * the add-ons of its marketplace whose homes are missing: the add-on may have
 * been renamed.  If its own home is missing, nothing is known.
 *
 * OUTCOME_OK           there is none
 * OUTCOME_GONE         there is one, and it was deprovisioned
 * OUTCOME_UNAVAILABLE  there is a live one, or nothing is known, which is
 * logged with the remedy; or the database does not respond
 */
MUST_CHECK enum outcome provider_refuse_renamed(struct provider *provider,
						struct provider_call *call,
						const char *id, bool is_key);

#endif
