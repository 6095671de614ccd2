#include "cgi/cli/commands.h"

#include <time.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_files.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/service.h"
#include "lib/base/arena.h"
#include "lib/text/iso8601.h"

enum { CLI_NOT_RUNNING = 3 /* as in LSB */ };

static const char *start_time_text(struct arena *arena, double age)
{
	return iso8601_write(arena, time(NULL) - (time_t)age);
}

static const char *pool_state(const struct service_pool *state)
{
	const struct pool *pool = state->pool;

	if (!service_pool_has_processes(state))
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
	return service_with_pools(cli, false, print_status);
}
