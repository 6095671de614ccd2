/*
 * pool_systemd.h - leaves the pools to systemd on a host that it has booted.
 */
#ifndef CGI_CLI_POOL_SYSTEMD_H
#define CGI_CLI_POOL_SYSTEMD_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct pool;

/* Return true if systemd has booted this host (sd_booted(3)). */
MUST_CHECK bool pool_systemd_is_running(void);

/* Replace this process with systemctl, which runs the command for the units of
 * the pools.  Return the exit status of a failure, after printing it. */
int pool_systemd_run(struct arena *arena, const char *command,
		     const struct pool *const pools[], int count);

#endif
