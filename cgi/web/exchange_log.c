#include "cgi/web/exchange_log.h"

#include "cgi/web/http.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"

static void log_exchange(const struct exchange *x, int64_t total,
			 int64_t listening)
{
	const struct log_field fields[] = {
		{ "method",
		  x->method == HTTP_OTHER ? "other" : x->method_name },
		{ "route", x->route ? x->route : "-" },
		{ "status", arena_number(x->arena, x->status) },
		{ "outcome", outcome_name(x->outcome) },
		{ "duration_seconds", log_seconds(x->arena, total) },
		{ "database_seconds",
		  log_seconds(x->arena, provider_database_ms(x->provider)) },
		{ "listener_seconds",
		  listening > 0 ? log_seconds(x->arena, listening) : NULL },
		{ "dialect", x->addon ? x->addon->dialect->name : NULL },
		{ "addon", x->addon ? x->addon->id : NULL },
		{ "resource", x->resource_id },
		{ "user", x->user },
		{ "actor", x->actor },
		{ "reason", x->reason },
		{ "client", x->has_wrong_credentials ? x->address : NULL },
		{ "repeat", x->is_repeat ? "true" : NULL },
		{ "secret", x->has_old_secret ? "old" : NULL },
		{ NULL, NULL },
	};

	log_fields(LOG_LEVEL_INFO, fields);
}

void exchange_record(const struct exchange *x)
{
	int64_t total = clock_now() - x->started;
	int64_t listening = listener_spent();

	metrics_request(x->operation, x->outcome, total,
			provider_database_ms(x->provider), listening);
	if (x->addon)
		metrics_addon_request(x->addon->dialect->marketplace,
				      x->addon->id, x->operation, x->status,
				      total);
	log_exchange(x, total, listening);
}
