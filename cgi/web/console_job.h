/*
 * console_job.h - what pages and acts of the console do with a job.
 */
#ifndef CGI_WEB_CONSOLE_JOB_H
#define CGI_WEB_CONSOLE_JOB_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct console;
struct json;

/* Read the job with the id of the path.  Unless the outcome is OUTCOME_OK, the
 * response is set. */
MUST_CHECK enum outcome console_read_job(struct console *c,
					 const struct json **job);

/* Return a heading, such as "Job 17: rotate". */
const char *console_job_name(const struct console *c, const struct json *job);

#endif
