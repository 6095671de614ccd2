/*
 * main-fcgi.c - the worker process behind nginx.
 *
 * spawn-fcgi or multiwatch starts it, once per process of a pool, with the
 * listening socket on descriptor 0.  It serves one request at a time until a
 * signal ends it between two requests.  If a plain CGI server starts it, it
 * serves one request.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/web/gateway.h"
#include "cgi/web/http.h"
#include "cgi/web/routes.h"
#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/timeline.h"
#include "lib/metrics/metrics.h"
#include "lib/process/private.h"
#include "lib/provider/provider.h"
#include "lib/provider/unanswered.h"
#include "lib/settings/settings.h"

static void resolve_when_idle(void *context)
{
	provider_resolve_unanswered(context);
}

static void serve_requests(struct gateway *gateway, struct provider *provider,
			   int64_t answer_limit)
{
	struct arena *arena = arena_create();

	gateway_when_idle(gateway, resolve_when_idle, provider);
	while (gateway_next(gateway)) {
		struct exchange x = { .arena = arena, .provider = provider };

		metrics_set_busy(true);
		provider_refresh(provider);
		http_receive(gateway, answer_limit, &x);
		log_request(x.request_id);
		routes_serve(&x);
		http_send(gateway, &x);
		log_request(NULL);
		provider_log_findings(provider);
		provider_resolve_unanswered(provider);
		arena_reset(arena);
		metrics_set_busy(false);
	}
	arena_destroy(arena);
}

/* A plain CGI program responds even if it cannot start. */
static void respond_unavailable(struct gateway *gateway)
{
	struct exchange x = { .arena = arena_create() };

	http_set_outcome(&x, OUTCOME_UNAVAILABLE);
	http_send(gateway, &x);
	arena_destroy(x.arena);
}

/* The process manager restarts the worker at once: wait, to spare the CPU. */
static int refuse_to_start_worker(struct gateway *gateway)
{
	log_error("this worker cannot start; the lines above give the reason");
	if (gateway && gateway_is_cgi(gateway))
		respond_unavailable(gateway);
	else
		sleep(1);
	return EXIT_FAILURE;
}

/* Return the role of this process.  The first argument names its pool. */
static enum metrics_role find_role(const struct gateway *gateway, int argc,
				   char *argv[])
{
	const char *pool = argc > 1 ? argv[1] : "";

	if (gateway_is_cgi(gateway))
		return METRICS_PROCESS;
	if (strcmp(pool, "api") == 0)
		return METRICS_API;
	return strcmp(pool, "web") == 0 ? METRICS_WEB : METRICS_WORKER;
}

int main(int argc, char *argv[])
{
	struct gateway *gateway;
	struct settings settings;
	struct provider provider;

	private_begin();
	gateway = gateway_open();
	if (!gateway || !settings_open(&settings)
	    || !provider_open(&provider, &settings))
		return refuse_to_start_worker(gateway);
	timeline_remember(settings.timeline);
	metrics_join(settings.metrics, find_role(gateway, argc, argv));
	serve_requests(gateway, &provider, settings.answer_limit);
	provider_close(&provider);
	gateway_close(gateway);
	return EXIT_SUCCESS;
}
