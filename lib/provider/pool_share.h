/*
 * pool_share.h - limits how many processes of a pool wait at the same time.
 *
 * A request that waits for something other than the database, such as a hook,
 * occupies a process of its pool, and other requests need the rest.
 */
#ifndef LIB_PROVIDER_POOL_SHARE_H
#define LIB_PROVIDER_POOL_SHARE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct provider;

/*
 * Take a place among half of the processes of this pool, or among least of them
 * if that is more.  Those that wait for different purposes do not count
 * together; purpose becomes a part of a file's name.
 *
 * Return false if all places are taken.  Set *place to what pool_share_end()
 * gives back, also if the file cannot be used: then there is no limit.
 */
MUST_CHECK bool pool_share_take(const struct provider *provider,
				struct arena *arena, const char *purpose,
				int least, int *place);
void pool_share_end(int place);

#endif
