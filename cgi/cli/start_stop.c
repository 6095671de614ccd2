/*
 * start_stop.c - provisor start, stop and restart.
 *
 * On a host that systemd has booted, these commands call systemctl.  Elsewhere
 * they do what the units do.  While a pool restarts, requests wait in its
 * socket, and none is lost.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_files.h"
#include "cgi/cli/pool_processes.h"
#include "cgi/cli/pool_start.h"
#include "cgi/cli/pool_table.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/reload_trial.h"
#include "cgi/cli/service.h"
#include "cgi/cli/vendor_socket.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/process/call_client.h"

enum {
	READY_LIMIT = 10000,  /* ms for the first process of a pool to start */
	REPLY_LIMIT = 500,    /* ms for the hooks pool to answer */
	POLL_INTERVAL = 20000 /* us */
};

/* ---- start ---- */

static bool start_service_pool(const struct service *service,
			       struct service_pool *state)
{
	const struct cli *cli = service->cli;
	const struct pool *pool = state->pool;
	pid_t manager;

	if (pool->socket && state->listener < 0)
		state->listener = pool_files_listen(cli, pool);
	if (pool->socket && state->listener < 0)
		return false;
	manager = pool_start(cli, pool, service->program, state->listener);
	if (manager > 0)
		state->started = manager;
	return manager > 0 && pool_files_write_pid(cli->arena, pool, manager);
}

/* The socket of a pool that lacks a manager may be served by its workers. */
static bool start_unless_running(const struct service *service,
				 struct service_pool *state)
{
	const struct pool *pool = state->pool;
	const struct pool_process *manager = &state->found.manager;

	if (!manager->pid && state->found.count > 0) {
		cli_fail("%s: its manager has ended, and %d of its processes "
			 "are still running: provisor restart %s",
			 pool->name, state->found.count, pool->name);
		return false;
	}
	if (!manager->pid)
		return start_service_pool(service, state);
	if (pool->socket && !pool_files_has_socket(pool)) {
		cli_fail("%s: is running, but %s is missing: provisor restart "
			 "%s",
			 pool->name, pool->socket, pool->name);
		return false;
	}
	printf("%s: is already running\n", pool->name);
	return pool_files_write_pid(service->cli->arena, pool, manager->pid);
}

static bool is_pool_ready(const struct cli *cli, const struct pool *pool)
{
	uid_t user;

	if (pool->role == METRICS_PROCESS)
		return !call_client_find_user(pool->socket, cli->arena,
					      clock_now() + REPLY_LIMIT, &user);
	return pools_open(&cli->settings) && pools_count(pool->role) > 0;
}

/* Return true when a process of the pool is ready for work. */
static bool wait_until_ready(const struct service *service,
			     const struct service_pool *state)
{
	const struct pool *pool = state->pool;
	int64_t limit = clock_now() + READY_LIMIT;

	while (!is_pool_ready(service->cli, pool)) {
		if (waitpid(state->started, NULL, WNOHANG) != 0) {
			cli_fail("%s: ended at once: is multiwatch installed?  "
				 "The syslog may have the reason",
				 pool->name);
			return false;
		}
		if (clock_now() > limit) {
			cli_fail("%s: started, but none of its processes is "
				 "ready after %d s: provisor check or the "
				 "syslog has the reason",
				 pool->name, READY_LIMIT / 1000);
			return false;
		}
		usleep(POLL_INTERVAL);
	}
	printf("%s: started\n", pool->name);
	return true;
}

static int start_pools(const struct service *service)
{
	int status = vendor_socket_prepare() ? CLI_OK : CLI_FAILED;

	for (int i = 0; i < service->count; i++)
		if (!start_unless_running(service, service->state[i]))
			status = CLI_FAILED;
	for (int i = 0; i < service->count; i++)
		if (service->state[i]->started
		    && !wait_until_ready(service, service->state[i]))
			status = CLI_FAILED;
	return status;
}

int cli_start(const struct cli *cli)
{
	return service_with_pools(cli, true, start_pools);
}

/* ---- stop ---- */

/* Invalid settings do not prevent a stop. */
static int64_t find_stop_limit(const struct cli *cli, const struct pool *pool)
{
	struct findings findings = { .arena = cli->arena };
	struct settings settings = { 0 };

	cli_read_settings(cli, &settings, &findings);
	return pool_table_limit(pool, &settings);
}

/* Workers may have been replaced since they were found. */
static bool kill_late_processes(const struct service *service,
				struct service_pool *state)
{
	struct arena *arena = service->cli->arena;
	const char *killed = pool_processes_kill(arena, &state->found);
	struct pool_processes left;

	pool_processes_find(state->pool, service->program, &left);
	killed = arena_printf(arena, "%s%s", killed,
			      pool_processes_kill(arena, &left));
	pool_processes_close(&left);
	return *killed
		&& cli_fail("%s: did not end in time, and was killed:%s; an "
			    "interrupted request or job is repeated",
			    state->pool->name, killed);
}

/* Return true if nothing had to be killed.  started is when the processes were
 * asked to end. */
static bool wait_until_stopped(const struct service *service,
			       struct service_pool *state, int64_t started)
{
	int64_t limit = started + find_stop_limit(service->cli, state->pool);
	bool was_killed;

	while (!pool_processes_have_ended(&state->found)
	       && clock_now() <= limit)
		usleep(POLL_INTERVAL);
	was_killed = kill_late_processes(service, state);
	while (!pool_processes_have_ended(&state->found))
		usleep(POLL_INTERVAL);
	pool_files_remove(service->cli->arena, state->pool,
			  state->listener >= 0);
	return !was_killed;
}

static bool is_hooks_pool(const struct service_pool *state)
{
	return state->pool->role == METRICS_PROCESS;
}

/* Stop the hooks pool, or the others at the same time. */
static int stop_kind(const struct service *service, bool hooks)
{
	int64_t started = clock_now();
	int status = CLI_OK;

	for (int i = 0; i < service->count; i++)
		if (is_hooks_pool(service->state[i]) == hooks)
			pool_processes_end(&service->state[i]->found);
	for (int i = 0; i < service->count; i++) {
		struct service_pool *state = service->state[i];
		bool was_running = service_pool_has_processes(state);

		if (is_hooks_pool(state) != hooks)
			continue;
		if (!wait_until_stopped(service, state, started))
			status = CLI_FAILED;
		printf("%s: %s\n", state->pool->name,
		       was_running ? "stopped" : "is not running");
	}
	return status;
}

/* The others may call a hook until they have ended. */
static int stop_pools(const struct service *service)
{
	int others = stop_kind(service, false);
	int hooks = stop_kind(service, true);

	return others != CLI_OK ? others : hooks;
}

int cli_stop(const struct cli *cli)
{
	return service_with_pools(cli, true, stop_pools);
}

/* ---- restart ---- */

static bool is_any_running(const struct service *service)
{
	for (int i = 0; i < service->count; i++)
		if (service->state[i]->found.manager.pid)
			return true;
	return false;
}

static int restart_pools(const struct service *service)
{
	int stopped, started;

	if (is_any_running(service) && !reload_trial(service->cli))
		return CLI_FAILED;
	for (int i = 0; i < service->count; i++)
		service->state[i]->listener = pool_files_take_socket(
			service->pools[i], &service->state[i]->found.manager);
	stopped = stop_pools(service);
	for (int i = 0; i < service->count; i++)
		pool_processes_close(&service->state[i]->found);
	started = start_pools(service);
	return started != CLI_OK ? started : stopped;
}

int cli_restart(const struct cli *cli)
{
	return service_with_pools(cli, true, restart_pools);
}
