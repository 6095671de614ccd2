/*
 * provisor-jobs - does what could not be done while a marketplace waited.
 *
 * It looks for work in the database twice a second, and at once again while it
 * finds some; any number of these processes may run on any number of hosts.
 * SIGTERM ends it after the step in hand.  Killed, it leaves nothing behind but
 * a lease, which runs out.
 */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/settings/settings.h"
#include "lib/base/findings.h"
#include "lib/listener/hook.h"
#include "lib/base/log.h"
#include "lib/metrics/metrics.h"
#include "lib/platform/platform.h"
#include "lib/provider/provider.h"

enum { LOOK_EVERY = 500 }; /* ms */

/* Those that end it.  They stay blocked, and wait until it looks. */
static sigset_t endings(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	return set;
}

/* False: it is to end. */
static bool rest(const sigset_t *set, int64_t milliseconds)
{
	const struct timespec moment = {
		.tv_nsec = (long)milliseconds * 1000000L,
	};

	return sigtimedwait(set, NULL, &moment) < 0;
}

static bool open_all(struct provider *provider, struct settings *settings)
{
	struct findings findings = { .arena = arena_create() };
	int errors;

	settings_load(settings, &findings);
	settings_start_log(settings, &findings);
	findings_log(&findings);
	errors = findings.errors;
	arena_destroy(findings.arena);
	settings->database = settings->database_direct;
	if (errors > 0 || !provider_open(provider, settings))
		return false;
	provider->platform = platform_open(&(struct platform_config){
		.api_url = settings->platform_url,
		.token_url = settings->token_url,
		.ca_file = settings->platform_ca,
	});
	return true;
}

static void work(struct provider *provider, const struct settings *settings,
		 const sigset_t *set)
{
	struct arena *arena = arena_create();
	bool goes_on = true;

	while (goes_on) {
		bool found;

		provider_refresh(provider);
		provider_work(provider, arena, settings->job_limit, &found);
		provider_remind(provider);
		arena_reset(arena);
		goes_on = rest(set, found ? 0 : LOOK_EVERY);
	}
	arena_destroy(arena);
}

/* The process manager starts another at once: this must not burn a core. */
static int refuse_to_start(void)
{
	log_error("provisor-jobs cannot start; the lines above say why");
	sleep(1);
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	const sigset_t set = endings();
	struct settings settings;
	struct provider provider;

	hook_serve(argc, argv);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	srandom((unsigned int)getpid() ^ (unsigned int)time(NULL));
	if (!open_all(&provider, &settings))
		return refuse_to_start();
	metrics_join(settings.metrics, METRICS_JOBS);
	work(&provider, &settings, &set);
	platform_close(provider.platform);
	provider_close(&provider);
	return EXIT_SUCCESS;
}
