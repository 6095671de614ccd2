/*
 * pool_share.h - limits how many processes of a pool wait at the same time.
 *
 * A request that waits for something other than the database, such as a hook,
 * occupies a process of its pool, and other requests need the rest.
 *
 * The functions set *place to what pool_share_end() gives back, also if the
 * file of the places cannot be used: then there is no limit.
 */
#ifndef LIB_PROVIDER_POOL_SHARE_H
#define LIB_PROVIDER_POOL_SHARE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct addon;
struct arena;
struct provider;

enum pool_purpose {
	POOL_SIGN_ON, /* hooks of sign-ons */
	POOL_CHANGE   /* changes of the local API and of the console */
};

/*
 * Take a place for a request that may wait.  Each purpose may have half of this
 * pool, and both together leave a quarter to other requests, of which there is
 * one process at least; in a pool of one process, one request may wait.
 *
 * Return false if no place is left.
 */
MUST_CHECK bool pool_share_take(const struct provider *provider,
				struct arena *arena, enum pool_purpose purpose,
				int *place);

/*
 * Take a place for a request that waits for events.  Half of this pool may wait
 * so, of one process none.
 *
 * Return false if no place is left.
 */
MUST_CHECK bool pool_share_follow(const struct provider *provider,
				  struct arena *arena, int *place);

/* Return true if a request that waits for events has to end, because it would
 * occupy the quarter that is left to other requests. */
MUST_CHECK bool pool_share_is_wanted(int place);

/*
 * Take a place in the pool api for a call of a marketplace that waits for the
 * listener of addon.  If this host has more than one add-on, each of them may
 * have three quarters of the pool, but always one process.
 *
 * Return false if no place is left.
 */
MUST_CHECK bool pool_share_call(const struct provider *provider,
				struct arena *arena, const struct addon *addon,
				int *place);

void pool_share_end(int place);

#endif
