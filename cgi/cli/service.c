/*
 * service.c - provisor start, stop, restart and status.
 *
 * On a host that systemd has booted, these commands call systemctl.  Elsewhere
 * they do what the units do.  While a pool restarts, requests wait in its
 * socket, and none is lost.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_files.h"
#include "cgi/cli/pool_processes.h"
#include "cgi/cli/pool_start.h"
#include "cgi/cli/pool_systemd.h"
#include "cgi/cli/pool_table.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/reload_trial.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/vendor_socket.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/process/call_client.h"
#include "lib/text/iso8601.h"

enum {
	CLI_NOT_RUNNING = 3,  /* of "provisor status", as in LSB */
	READY_LIMIT = 10000,  /* ms for the first process of a pool to start */
	REPLY_LIMIT = 500,    /* ms for the hooks pool to answer */
	POLL_INTERVAL = 20000 /* us */
};

struct service_pool {
	const struct pool *pool;
	struct pool_processes found;
	int listener;  /* -1: none */
	pid_t started; /* the pid of the new manager; 0: none */
};

struct service {
	const struct cli *cli;
	const char *program;
	int count;
	const struct pool *pools[POOL_MOST];
	struct service_pool *state[POOL_MOST];
};

/* ---- in common ---- */

static void find_processes(const struct service *service)
{
	for (int i = 0; i < service->count; i++)
		pool_processes_find(service->pools[i], service->program,
				    &service->state[i]->found);
}

static bool is_any_running(const struct service *service)
{
	for (int i = 0; i < service->count; i++)
		if (service->state[i]->found.manager.pid)
			return true;
	return false;
}

static void end_service(const struct service *service)
{
	for (int i = 0; i < service->count; i++) {
		struct service_pool *state = service->state[i];

		pool_processes_close(&state->found);
		if (state->listener >= 0)
			close(state->listener);
	}
}

static bool require_root(const char *command)
{
	if (geteuid() == 0)
		return true;
	cli_fail("%s: run this as root", command);
	return false;
}

/*
 * Run act for the pools that the command names, or let systemd do it.  Commands
 * that change anything run one at a time.
 */
static int with_pools(const struct cli *cli, bool is_change,
		      int (*act)(const struct service *service))
{
	struct service service = { .cli = cli };
	const char *name = cli->command->name;
	int status;

	service.count = pool_table_read(cli, service.pools);
	if (service.count == 0)
		return CLI_USAGE;
	if (pool_systemd_is_running())
		return pool_systemd_run(cli->arena, name, service.pools,
					service.count);
	service.program = pool_processes_program(cli->arena);
	if (!service.program
	    || (is_change && (!require_root(name) || !pool_files_lock(cli))))
		return CLI_FAILED;
	for (int i = 0; i < service.count; i++) {
		service.state[i] =
			arena_alloc(cli->arena, sizeof *service.state[i]);
		*service.state[i] = (struct service_pool){
			.pool = service.pools[i],
			.listener = -1,
		};
	}
	find_processes(&service);
	status = act(&service);
	end_service(&service);
	return status;
}

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
	return with_pools(cli, true, start_pools);
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

static bool has_processes(const struct service_pool *state)
{
	return state->found.manager.pid || state->found.count > 0;
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
		bool was_running = has_processes(state);

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
	return with_pools(cli, true, stop_pools);
}

/* ---- restart ---- */

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
	return with_pools(cli, true, restart_pools);
}

/* ---- status ---- */

static const char *start_time_text(struct arena *arena, double age)
{
	return iso8601_write(arena, time(NULL) - (time_t)age);
}

static const char *pool_state(const struct service_pool *state)
{
	const struct pool *pool = state->pool;

	if (!has_processes(state))
		return "stopped";
	if (!state->found.manager.pid)
		return "without manager";
	return pool->socket && !pool_files_has_socket(pool) ? "without socket"
							    : "running";
}

static void add_pool_row(struct rows *rows, struct arena *arena,
			 const struct service_pool *state)
{
	const struct pool_processes *found = &state->found;
	bool has_manager = found->manager.pid;

	rows_add_texts(
		rows,
		(const char *const[]){
			state->pool->name,
			pool_state(state),
			arena_printf(arena, "%d", found->count),
			has_manager ? arena_printf(arena, "%d",
						   (int)found->manager.pid)
				    : NULL,
			has_manager ? start_time_text(arena, found->age) : NULL,
		});
}

static int print_status(const struct service *service)
{
	static const char *const columns[] = {
		"pool", "state", "processes", "pid", "since", NULL,
	};
	struct rows *rows = rows_begin(service->cli, columns);
	int status = CLI_OK;

	for (int i = 0; i < service->count; i++) {
		const struct service_pool *state = service->state[i];

		add_pool_row(rows, service->cli->arena, state);
		if (!state->found.manager.pid
		    || (state->pool->socket
			&& !pool_files_has_socket(state->pool)))
			status = CLI_NOT_RUNNING;
	}
	rows_end(rows);
	return status;
}

int cli_status(const struct cli *cli)
{
	return with_pools(cli, false, print_status);
}
