#include "lib/provider/pool_share.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/slot.h"
#include "lib/dialect/dialect.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

/* Groups of places in the pool web, besides those of purposes. */
enum { GROUP_FOLLOW = POOL_CHANGE + 1, GROUP_ALL };

static bool is_api(void)
{
	return strcmp(metrics_pool(), "api") == 0;
}

static int count_pool(void)
{
	pid_t pids[METRICS_SLOTS];

	return metrics_pids(is_api() ? METRICS_API : METRICS_WEB, pids,
			    METRICS_SLOTS);
}

static int at_least_one(int count)
{
	return count > 1 ? count : 1;
}

/* Leave a quarter, rounded up, to other requests. */
static int leave_quarter(int pool)
{
	return at_least_one(pool - (pool + 3) / 4);
}

static bool take(const struct provider *provider, struct arena *arena,
		 const struct slot_group *groups, int count, int *place)
{
	const char *path =
		arena_printf(arena, "%s.%s-places", provider->settings->metrics,
			     metrics_pool());

	*place = slot_take(path, groups, count);
	return *place >= 0 || errno != EBUSY;
}

bool pool_share_take(const struct provider *provider, struct arena *arena,
		     enum pool_purpose purpose, int *place)
{
	int pool = count_pool();
	const struct slot_group groups[] = {
		{ purpose, at_least_one(pool / 2) },
		{ GROUP_ALL, leave_quarter(pool) },
	};

	return take(provider, arena, groups, COUNT(groups), place);
}

/* ---- requests that wait for events ---- */

bool pool_share_follow(const struct provider *provider, struct arena *arena,
		       int *place)
{
	const struct slot_group group = { GROUP_FOLLOW, count_pool() / 2 };

	return take(provider, arena, &group, 1, place);
}

bool pool_share_is_wanted(int place)
{
	int pool = count_pool();
	const struct slot_group all = { GROUP_ALL, pool };
	const struct slot_group follow = { GROUP_FOLLOW, pool };

	return place >= 0
		&& slot_count_others(place, &all)
			+ slot_count_others(place, &follow) + 1
		> leave_quarter(pool);
}

/* ---- calls of marketplaces ---- */

bool pool_share_call(const struct provider *provider, struct arena *arena,
		     const struct addon *addon, int *place)
{
	struct slot_group group;

	*place = -1;
	if (!is_api() || provider->addons->count < 2)
		return true;
	group = (struct slot_group){
		hash_text(arena_printf(arena, "%s %s",
				       addon->dialect->marketplace, addon->id)),
		leave_quarter(count_pool()),
	};
	return take(provider, arena, &group, 1, place);
}

void pool_share_end(int place)
{
	if (place >= 0)
		close(place);
}
