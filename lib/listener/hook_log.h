/*
 * hook_log.h - what a hook writes to standard error, as lines of the log.
 *
 * A line has at most 1 KiB, a run at most 100 lines; what is more is dropped
 * and counted, so that a hook that goes round in a circle does not fill a disk.
 */
#ifndef LIB_LISTENER_HOOK_LOG_H
#define LIB_LISTENER_HOOK_LOG_H

#include <stddef.h>

enum { HOOK_LONGEST_LINE = 1024, HOOK_MOST_LINES = 100 };

/* Of one run: all zero but for its file. */
struct hook_log {
	const char *file; /* that people know it by */
	char line[HOOK_LONGEST_LINE + 1];
	size_t length; /* so far; what is beyond the room is dropped */
	long count;
};

/* Take bytes as they come; lines is a struct hook_log. */
void hook_log_take(void *lines, const char *bytes, size_t length);

/* There is no more. */
void hook_log_end(struct hook_log *lines);

#endif
