/*
 * ops.c - paths for monitoring.
 */
#include "cgi/web/handlers.h"

#include "cgi/web/http.h"
#include "lib/metrics/metrics.h"
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
		x->response = "{\"message\":\"The pool api does not run.\"}";
		return OUTCOME_UNAVAILABLE;
	}
	x->response = "{\"status\":\"ok\"}";
	return OUTCOME_OK;
}

enum outcome ops_ready(struct exchange *x)
{
	const struct provider_readiness readiness =
		provider_judge_readiness(x->provider, x->arena);
	struct json *response = json_object(x->arena);

	json_put_text(response, "status",
		      readiness.is_ready ? "ok" : "not ready");
	json_put_text(response, "database", readiness.database);
	json_put_text(response, "addons", readiness.addons);
	json_put_text(response, "keys", readiness.keys);
	if (!readiness.is_ready) {
		json_put_text(response, "pool", metrics_pool());
		json_put_text(response, "message",
			      "The service is not ready to be used.");
	}
	x->response = json_print(x->arena, response);
	return readiness.is_ready ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome ops_metrics(struct exchange *x)
{
	x->type = "text/plain; version=0.0.4; charset=utf-8";
	x->response = metrics_text(x->arena);
	return OUTCOME_OK;
}
