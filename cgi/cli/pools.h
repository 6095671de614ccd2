/*
 * pools.h - finds the processes that run on this host, in their metrics file.
 */
#ifndef CGI_CLI_POOLS_H
#define CGI_CLI_POOLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/base.h"
#include "lib/metrics/metrics.h"

struct settings;

/* Map the metrics file, unless it is mapped already.  Return false, with the
 * reason in errno, if it does not exist or cannot be used. */
MUST_CHECK bool pools_open(const struct settings *settings);

/* Return the number of running processes with this role; 0 if the file is not
 * mapped. */
int pools_count(enum metrics_role role);

/* List the pids of the running workers, up to METRICS_SLOTS.  Return their
 * number. */
int pools_worker_pids(pid_t pids[]);

/*
 * Return the user that the pools run as, and map the metrics file to find it.
 * If no worker runs, this is the owner of the file's folder; if that does not
 * exist, the owner of the keys file; if that does not exist either, the user of
 * this process, and for root the user "provisor" if there is one.
 */
uid_t pools_user(const struct settings *settings);

#endif
