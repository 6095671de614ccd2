/*
 * ops.c - paths for monitoring.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/gauges.h"
#include "lib/provider/readiness.h"
#include "lib/text/json.h"

/*
 * nginx queries the pool web, not the pool api: marketplaces may keep all
 * workers of api busy.  Without a metrics file, the state of both pools is
 * unknown.
 */
enum outcome ops_health(struct exchange *x)
{
	pid_t pid;

	if (metrics_pids(METRICS_WEB, &pid, 1) > 0
	    && metrics_pids(METRICS_API, &pid, 1) == 0) {
		x->response = "{\"message\":\"The api pool is not running.\"}";
		return OUTCOME_UNAVAILABLE;
	}
	x->response = "{\"status\":\"ok\"}";
	return OUTCOME_OK;
}

/* A text may quote a file, and be shown on a terminal. */
static void put_state(const struct exchange *x, struct json *response,
		      const char *part, const char *state)
{
	if (state)
		json_put_text(response, part,
			      utf8_for_terminal(x->arena, state));
}

enum outcome ops_ready(struct exchange *x)
{
	struct provider_readiness readiness =
		provider_judge_readiness(x->provider, x->arena);
	const char *hooks = provider_judge_hooks(x->provider, x->arena);
	struct json *response = json_object(x->arena);

	readiness.is_ready &= !hooks || strcmp(hooks, "ok") == 0;
	json_put_text(response, "status",
		      readiness.is_ready ? "ok" : "not ready");
	put_state(x, response, "database", readiness.database);
	put_state(x, response, "settings", readiness.settings);
	put_state(x, response, "addons", readiness.addons);
	put_state(x, response, "keys", readiness.keys);
	put_state(x, response, "hooks", hooks);
	put_state(x, response, "listeners",
		  provider_judge_calls(x->provider, x->arena));
	put_state(x, response, "jobs", provider_judge_jobs());
	if (!readiness.is_ready) {
		json_put_text(response, "pool", metrics_pool());
		json_put_text(response, "message", "The service is not ready.");
	}
	x->response = json_print(x->arena, response);
	return readiness.is_ready ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome ops_metrics(struct exchange *x)
{
	const char *gauges = provider_gauges(x->provider, x->arena);

	x->type = "text/plain; version=0.0.4; charset=utf-8";
	x->response =
		arena_printf(x->arena, "%s%s", metrics_text(x->arena), gauges);
	return OUTCOME_OK;
}
