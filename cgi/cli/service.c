#include "cgi/cli/service.h"

#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_files.h"
#include "cgi/cli/pool_systemd.h"
#include "lib/base/arena.h"

static void find_service_processes(const struct service *service)
{
	for (int i = 0; i < service->count; i++)
		pool_processes_find(service->pools[i], service->program,
				    &service->state[i]->found);
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

int service_with_pools(const struct cli *cli, bool is_change,
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
	find_service_processes(&service);
	status = act(&service);
	end_service(&service);
	return status;
}

bool service_pool_has_processes(const struct service_pool *state)
{
	return state->found.manager.pid || state->found.count > 0;
}
