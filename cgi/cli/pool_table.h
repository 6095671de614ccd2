/*
 * pool_table.h - the pools of a host: the units that systemd runs, or the
 * processes that provisor start starts.
 *
 * A new pool is a row of the table, a unit, and a case in nginx/host/pool.
 */
#ifndef CGI_CLI_POOL_TABLE_H
#define CGI_CLI_POOL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/metrics/metrics.h"

struct cli;
struct settings;

#define POOL_FOLDER "/run/provisor" /* of sockets and pid files */
#define POOL_USER "provisor"        /* of all pools that know the settings */

enum { POOL_MOST = 8 }; /* rows of the table */

struct pool {
	const char *name;    /* the argument of nginx/host/pool */
	const char *program; /* of its processes */
	const char *user;    /* that they run as */
	/* METRICS_PROCESS: the hooks pool, whose user can read neither the
	 * settings nor the metrics. */
	enum metrics_role role;
	/* They may finish their work for the time of this setting (an offset in
	 * struct settings) and grace, in ms; then they are killed. */
	size_t work_limit;
	int64_t grace;

	const char *socket;       /* where it listens; NULL: it does not */
	const char *socket_user;  /* the owner of the socket */
	const char *socket_group; /* which may connect; NULL: that of nginx */

	const char *unit, *socket_unit; /* of systemd */
};

/* The table ends with a pool whose name is NULL. */
extern const struct pool pool_table[];

/* Return the ms that the processes of a pool may take to finish their work. */
int64_t pool_table_limit(const struct pool *pool,
			 const struct settings *settings);

/* List the pools that the arguments of the command name, in the order of the
 * table; all of them if it has no arguments.  Return their number; 0 after
 * printing that there is no such pool. */
MUST_CHECK int pool_table_read(const struct cli *cli,
			       const struct pool *pools[POOL_MOST]);

#endif
