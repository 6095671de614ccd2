/*
 * platform_access.h - gives calls of a listener the marketplace's API.
 *
 * A listener gets the token of its resource if settings.json has
 * "platform": true.  The token stays valid for PLATFORM_ACCESS_LEAST seconds at
 * least, and is renewed first if it would not.
 */
#ifndef LIB_JOBS_PLATFORM_ACCESS_H
#define LIB_JOBS_PLATFORM_ACCESS_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/listener/listener.h"

struct addon;
struct arena;
struct db;
struct platform;
struct resource;
struct sealing_keys;

enum { PLATFORM_ACCESS_LEAST = 600 }; /* s */

struct platform_access {
	struct db *db;
	struct arena *arena;
	const struct sealing_keys *keys;
	struct platform *platform; /* not NULL if the add-on wants a token */
	const struct addon *addon;
	const struct resource *resource;
	int64_t deadline; /* of the call (clock_now()) */
};

/*
 * Return the API and the token that the listener gets.  A renewal uses half of
 * the time until the deadline at most.
 *
 * access_token is NULL if the add-on wants none, or the resource has no grant
 * or is gone: its marketplace then no longer accepts its token.  It is also
 * NULL, after logging why, if the token cannot be renewed in time: most calls
 * do not need it, and those that do can be repeated.
 */
MUST_CHECK struct listener_platform
platform_access_get(const struct platform_access *access);

#endif
