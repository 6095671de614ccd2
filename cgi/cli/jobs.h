/*
 * jobs.h - functions that the commands about jobs share.
 */
#ifndef CGI_CLI_JOBS_H
#define CGI_CLI_JOBS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;
struct job_kind_info;
struct job_query;

/* Return the kind with this name, or NULL if this release does not know it. */
const struct job_kind_info *jobs_find_kind(const char *name);

/* Fill in what --kind, --marketplace, --addon and --gave-up select.  Return
 * false after printing that there is no such kind. */
MUST_CHECK bool jobs_read_query(const struct cli *cli, struct job_query *query);

/* Cancel all jobs that the options select, after a question. */
int jobs_cancel_many(const struct cli *cli);

#endif
