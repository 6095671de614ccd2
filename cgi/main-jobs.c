/*
 * main-jobs.c - the process that carries out jobs.
 *
 * It polls the database twice a second, and without a pause while it finds
 * jobs.  Any number of these processes may run on any number of hosts.  SIGTERM
 * ends it after the current job.  If it is killed, it leaves only a lease,
 * which expires.
 */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/timeline.h"
#include "lib/metrics/metrics.h"
#include "lib/process/private.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

enum { POLL_EVERY = 500 }; /* ms */

/* Return the signals that end this process.  They are blocked, so they stay
 * pending until it polls. */
static sigset_t end_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	return set;
}

/* Wait for one of the signals.  Return true if it arrives in time. */
static bool wait_for_end(const sigset_t *set, int64_t milliseconds)
{
	const struct timespec limit = {
		.tv_nsec = (long)milliseconds * 1000000L,
	};

	return sigtimedwait(set, NULL, &limit) > 0;
}

static bool open_provider(struct provider *provider, struct settings *settings)
{
	if (!settings_open(settings))
		return false;
	settings->database = settings->database_direct;
	if (!provider_open(provider, settings))
		return false;
	provider_open_platform(provider);
	return true;
}

static void carry_out_jobs(struct provider *provider,
			   const struct settings *settings, const sigset_t *set)
{
	struct arena *arena = arena_create();
	bool found;

	do {
		provider_refresh(provider);
		provider_watch_failover(provider, arena);
		provider_watch_epoch(provider, arena);
		provider_watch_clock(provider, arena);
		(void)!provider_run_due_job(provider, arena,
					    settings->job_limit, &found);
		provider_remove_old(provider, arena);
		provider_log_findings(provider);
		arena_reset(arena);
	} while (!wait_for_end(set, found ? 0 : POLL_EVERY));
	arena_destroy(arena);
}

/* The process manager restarts the process at once: wait, to spare the CPU. */
static int refuse_to_start_jobs(void)
{
	log_error(
		"provisor-jobs cannot start; the lines above give the reason");
	sleep(1);
	return EXIT_FAILURE;
}

int main(void)
{
	const sigset_t set = end_signals();
	struct settings settings;
	struct provider provider;

	private_begin();
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	srandom((unsigned int)getpid() ^ (unsigned int)time(NULL));
	if (!open_provider(&provider, &settings))
		return refuse_to_start_jobs();
	timeline_remember(settings.timeline);
	metrics_join(settings.metrics, METRICS_JOBS);
	carry_out_jobs(&provider, &settings, &set);
	provider_close(&provider);
	return EXIT_SUCCESS;
}
