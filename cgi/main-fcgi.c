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

#include "cgi/http.h"
#include "cgi/routes.h"
#include "lib/arena.h"
#include "lib/config.h"
#include "lib/finding.h"
#include "lib/log.h"
#include "lib/provider.h"

static bool open_all(struct provider *provider, struct config *config)
{
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };
	bool is_open;

	config_load(config, &findings);
	config_start_log(config, &findings);
	is_open = findings.errors == 0
		&& provider_open(provider, config, &findings);
	findings_log(&findings);
	arena_destroy(arena);
	return is_open;
}

static void serve(struct http_server *server, struct provider *provider)
{
	struct arena *arena = arena_create();

	for (;;) {
		struct exchange x = { .arena = arena, .provider = provider };

		if (!http_receive(server, &x))
			break;
		routes_serve(&x);
		http_send(server, &x);
		log_request(NULL);
		arena_reset(arena);
	}
	arena_destroy(arena);
}

/* The process manager starts another at once: this must not burn a core. */
static int refuse_to_start(void)
{
	log_error("this worker cannot start; the lines above say why");
	sleep(1);
	return EXIT_FAILURE;
}

int main(void)
{
	struct config config;
	struct provider provider;
	struct http_server *server;

	if (!open_all(&provider, &config))
		return refuse_to_start();
	server = http_open(config.answer_limit);
	if (!server)
		return refuse_to_start();
	serve(server, &provider);
	http_close(server);
	provider_close(&provider);
	return EXIT_SUCCESS;
}
