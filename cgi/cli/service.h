/*
 * service.h - runs a command for the pools that its arguments name.
 */
#ifndef CGI_CLI_SERVICE_H
#define CGI_CLI_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgi/cli/pool_processes.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/base.h"

struct cli;

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

/*
 * Find the processes of these pools, call act, and return the exit status.  On
 * a host that systemd has booted, run systemctl instead.  Commands that change
 * anything need root, and run one at a time.
 */
int service_with_pools(const struct cli *cli, bool is_change,
		       int (*act)(const struct service *service));

/* Return true if the pool has a manager or other processes. */
MUST_CHECK bool service_pool_has_processes(const struct service_pool *state);

#endif
