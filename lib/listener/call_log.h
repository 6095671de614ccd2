/*
 * call_log.h - log lines about one call of a listener.
 *
 * Each line has the job, the resource, the add-on, the action and the attempt,
 * under the keys of the line that provisor-jobs logs about a job.
 */
#ifndef LIB_LISTENER_CALL_LOG_H
#define LIB_LISTENER_CALL_LOG_H

#include "lib/base/log.h"

struct listener_call;

/* Log text.  hook is the file of the vendor's code, or NULL.  call is NULL if
 * the code runs outside a call. */
void call_log(enum log_level level, const struct listener_call *call,
	      const char *hook, const char *text);

#endif
