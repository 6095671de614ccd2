/*
 * pools.h - the pools of this host, as their metrics file tells of them.
 */
#ifndef CGI_CLI_POOLS_H
#define CGI_CLI_POOLS_H

#include <stdbool.h>
#include <sys/types.h>

struct settings;

/* Map the metrics file, which is left to the pools to make, unless it is
 * mapped.  False when it cannot be used; errno tells why. */
bool pools_open(const struct settings *settings);

/* How many workers live, and how many processes of provisor-jobs; 0 where the
 * file is not mapped. */
int pools_workers(void);
int pools_job_workers(void);

/* Whom the pools run as, as the metrics file tells, which is mapped for that:
 * whom a worker runs as; where none lives, whose the folder of the file is;
 * where there is none, whose the keys are; where there are none, ourselves. */
uid_t pools_user(const struct settings *settings);

#endif
