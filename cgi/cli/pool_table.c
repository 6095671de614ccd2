#include "cgi/cli/pool_table.h"

#include <stdbool.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"

#define WORK_LIMIT(name) .work_limit = offsetof(struct settings, name)

/* With the default settings, the limits are TimeoutStopSec of the units. */
const struct pool pool_table[] = {
	{ .name = "hooks",
	  .program = "provisor-hooks",
	  .user = "provisor-hooks",
	  .role = METRICS_PROCESS,
	  WORK_LIMIT(job_limit),
	  .grace = 5000,
	  .socket = POOL_FOLDER "/hooks.sock",
	  .socket_user = POOL_USER,
	  .socket_group = POOL_USER,
	  .unit = "provisor-hooks.service",
	  .socket_unit = "provisor-hooks.socket" },
	{ .name = "api",
	  .program = "provisor.fcgi",
	  .user = POOL_USER,
	  .role = METRICS_API,
	  WORK_LIMIT(answer_limit),
	  .grace = 5000,
	  .socket = POOL_FOLDER "/api.sock",
	  .socket_user = "root",
	  .unit = "provisor@api.service",
	  .socket_unit = "provisor@api.socket" },
	{ .name = "web",
	  .program = "provisor.fcgi",
	  .user = POOL_USER,
	  .role = METRICS_WEB,
	  WORK_LIMIT(answer_limit),
	  .grace = 5000,
	  .socket = POOL_FOLDER "/web.sock",
	  .socket_user = "root",
	  .unit = "provisor@web.service",
	  .socket_unit = "provisor@web.socket" },
	{ .name = "jobs",
	  .program = "provisor-jobs",
	  .user = POOL_USER,
	  .role = METRICS_JOBS,
	  WORK_LIMIT(job_limit),
	  .grace = 15000,
	  .unit = "provisor-jobs.service" },
	{ .name = NULL },
};

int64_t pool_table_limit(const struct pool *pool,
			 const struct settings *settings)
{
	const char *member = (const char *)settings + pool->work_limit;

	return *(const int64_t *)(const void *)member + pool->grace;
}

static const char *list_pools(struct arena *arena)
{
	const char *list = pool_table[0].name;

	for (const struct pool *p = pool_table + 1; p->name; p++)
		list = arena_printf(arena, "%s%s%s", list,
				    p[1].name ? ", " : " or ", p->name);
	return list;
}

static bool is_pool_given(const struct cli *cli, const char *name)
{
	for (int i = 0; i < cli->count; i++)
		if (strcmp(cli->words[i], name) == 0)
			return true;
	return false;
}

static bool is_pool(const char *name)
{
	for (const struct pool *p = pool_table; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

int pool_table_read(const struct cli *cli, const struct pool *pools[POOL_MOST])
{
	int count = 0;

	for (int i = 0; i < cli->count; i++) {
		if (is_pool(cli->words[i]))
			continue;
		cli_fail("there is no pool \"%s\": write %s", cli->words[i],
			 list_pools(cli->arena));
		return 0;
	}
	for (const struct pool *p = pool_table; p->name; p++)
		if (cli->count == 0 || is_pool_given(cli, p->name))
			pools[count++] = p;
	return count;
}
