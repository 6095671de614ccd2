#include "lib/provider/pool_share.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/slot.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

static int count_pool(void)
{
	pid_t pids[METRICS_SLOTS];
	enum metrics_role pool =
		strcmp(metrics_pool(), "api") == 0 ? METRICS_API : METRICS_WEB;

	return metrics_pids(pool, pids, METRICS_SLOTS);
}

bool pool_share_take(const struct provider *provider, struct arena *arena,
		     const char *purpose, int least, int *place)
{
	int half = count_pool() / 2;
	const char *path =
		arena_printf(arena, "%s.%s-%s", provider->settings->metrics,
			     metrics_pool(), purpose);

	*place = slot_take(path, half > least ? half : least);
	return *place >= 0 || errno != EBUSY;
}

void pool_share_end(int place)
{
	if (place >= 0)
		close(place);
}
