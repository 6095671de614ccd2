/*
 * hook_log.h - logs the standard error of a vendor's code.
 *
 * Each line becomes a line of the log, which names the call (call_log.h).  A
 * line is cut after 1 KiB, and lines after the hundredth are only counted, so
 * that a program in an endless loop does not fill the disk.  The token of the
 * call is replaced by asterisks.
 */
#ifndef LIB_LISTENER_HOOK_LOG_H
#define LIB_LISTENER_HOOK_LOG_H

#include <stddef.h>

enum { HOOK_LOG_LONGEST_LINE = 1024, HOOK_LOG_MOST_LINES = 100 };

struct listener_call;

/* The log of one process.  Set file and call; the other members start as
 * zero. */
struct hook_log {
	const struct listener_call *call; /* NULL: outside a call */
	const char *file;                 /* the hook or library, for the log */
	char line[HOOK_LOG_LONGEST_LINE + 1]; /* the present line so far */
	size_t length;
	long count; /* of lines */
};

/* Log bytes as they arrive; log is a struct hook_log.  This is the take_errors
 * function of supervise(). */
void hook_log_take(void *log, const char *bytes, size_t length);

/* Log the last line, and how many lines were dropped. */
void hook_log_end(struct hook_log *log);

#endif
