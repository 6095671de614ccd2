/*
 * pool_start.h - starts the manager of a pool without systemd.
 */
#ifndef CGI_CLI_POOL_START_H
#define CGI_CLI_POOL_START_H

#include <sys/types.h>

#include "lib/base/base.h"

struct cli;
struct pool;

/*
 * Run program as the user of the pool, in a session of its own and with
 * listener as standard input (-1: nothing).  Its output goes to /dev/null, and
 * its log to syslog.  Its environment has only the name of the settings file.
 * Return its pid, or -1 after printing why it does not run.
 */
MUST_CHECK pid_t pool_start(const struct cli *cli, const struct pool *pool,
			    const char *program, int listener);

#endif
