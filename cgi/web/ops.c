/*
 * ops.c - what monitoring calls.
 */
#include "cgi/web/handlers.h"

#include "cgi/web/http.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/readiness.h"
#include "lib/text/json.h"

enum outcome ops_health(struct exchange *x)
{
	x->answer = "{\"status\":\"ok\"}";
	return OUTCOME_OK;
}

enum outcome ops_ready(struct exchange *x)
{
	const struct provider_readiness readiness =
		provider_judge_readiness(x->provider, x->arena);
	struct json *answer = json_object(x->arena);

	json_put_text(answer, "status",
		      readiness.is_ready ? "ok" : "not ready");
	json_put_text(answer, "database", readiness.database);
	json_put_text(answer, "addons", readiness.addons);
	json_put_text(answer, "keys", readiness.keys);
	if (!readiness.is_ready)
		json_put_text(answer, "message",
			      "The service is not ready to be used.");
	x->answer = json_print(x->arena, answer);
	return readiness.is_ready ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome ops_metrics(struct exchange *x)
{
	x->type = "text/plain; version=0.0.4; charset=utf-8";
	x->answer = metrics_text(x->arena);
	return OUTCOME_OK;
}
