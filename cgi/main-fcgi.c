/*
 * main-fcgi.c - the worker that nginx talks to.
 *
 * Started by spawn-fcgi or multiwatch with the listening socket on descriptor
 * 0, once per process of a pool, it serves one request at a time until a
 * signal ends it between two.  Started by a plain CGI server, it answers one
 * request.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cgi/web/gateway.h"
#include "cgi/web/http.h"
#include "cgi/web/routes.h"
#include "lib/base/arena.h"
#include "lib/settings/settings.h"
#include "lib/base/findings.h"
#include "lib/listener/hook.h"
#include "lib/base/log.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"

static bool open_all(struct provider *provider, struct settings *settings)
{
	struct findings findings = { .arena = arena_create() };
	int errors;

	settings_load(settings, &findings);
	settings_start_log(settings, &findings);
	findings_log(&findings);
	errors = findings.errors;
	arena_destroy(findings.arena);
	return errors == 0 && provider_open(provider, settings);
}

static void serve(struct gateway *gateway, struct provider *provider,
		  int64_t answer_limit)
{
	struct arena *arena = arena_create();

	while (gateway_next(gateway)) {
		struct exchange x = { .arena = arena, .provider = provider };

		provider_refresh(provider);
		http_receive(gateway, answer_limit, &x);
		log_request(x.request_id);
		routes_serve(&x);
		http_send(gateway, &x);
		log_request(NULL);
		provider_remind(provider);
		arena_reset(arena);
	}
	arena_destroy(arena);
}

/* The one request of a plain CGI program is answered all the same. */
static void answer_unavailable(struct gateway *gateway)
{
	struct exchange x = { .arena = arena_create() };

	http_conclude(&x, OUTCOME_UNAVAILABLE);
	http_send(gateway, &x);
	arena_destroy(x.arena);
}

/* The process manager starts another at once: this must not burn a core. */
static int refuse_to_start(struct gateway *gateway)
{
	log_error("this worker cannot start; the lines above say why");
	if (gateway && gateway_is_cgi(gateway))
		answer_unavailable(gateway);
	else
		sleep(1);
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	struct gateway *gateway;
	struct settings settings;
	struct provider provider;

	hook_serve(argc, argv);
	gateway = gateway_open();
	if (!gateway || !open_all(&provider, &settings))
		return refuse_to_start(gateway);
	metrics_join(settings.metrics,
		     gateway_is_cgi(gateway) ? METRICS_PROCESS
					     : METRICS_WORKER);
	serve(gateway, &provider, settings.answer_limit);
	provider_close(&provider);
	gateway_close(gateway);
	return EXIT_SUCCESS;
}
