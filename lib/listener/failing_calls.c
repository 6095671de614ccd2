#include "lib/listener/failing_calls.h"

#include <inttypes.h>
#include <stdbool.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/metrics/metrics.h"

enum { FAILURES_TO_WARN = 3 };

const char *failing_calls_of(const struct addon *addon,
			     enum listener_action action, struct arena *arena,
			     int64_t *since)
{
	const char *name = listener_action_name(action);
	bool is_every;
	uint64_t failures = metrics_call_failures(
		addon->dialect->marketplace, addon->id, name, since, &is_every);

	if (failures == 0 || (failures < FAILURES_TO_WARN && !is_every))
		return NULL;
	return is_every
		? arena_printf(arena,
			       "%s has always failed (calls: %" PRIu64 ")",
			       name, failures)
		: arena_printf(arena,
			       "%s has failed %" PRIu64 " times in a row", name,
			       failures);
}
