/*
 * log_sink.h - takes log lines without ever waiting.
 *
 * A reader that stalls, such as a log daemon that hangs, must not stop the
 * workers: a line that cannot be taken at once is dropped and counted.  So is a
 * line for a file whose disk is full.  Only
 * log.c includes this header.
 */
#ifndef LIB_BASE_LOG_SINK_H
#define LIB_BASE_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

/* Open a destination of log_to().  Return false, with the reason in errno and
 * the former destination unchanged, if it cannot be opened. */
MUST_CHECK bool log_sink_open(const char *destination);

/* Return whether log_sink_open() could open a file, with the reason in errno if
 * not. */
MUST_CHECK bool log_sink_can_open(const char *path);

/* Return true if the destination adds the time to each line itself. */
MUST_CHECK bool log_sink_adds_time(void);

/* Return true if lines must begin with their priority, such as "<3>". */
MUST_CHECK bool log_sink_is_journal(void);

/* Return true if the destination may end with a part of a line, of this or of
 * another process: a disk that is almost full has room for a part. */
MUST_CHECK bool log_sink_may_be_cut(void);

/* Write a line, which ends with a newline, with one of syslog's priorities.
 * Return false, with the reason in errno, if it was dropped: EAGAIN means that
 * the reader does not keep up. */
MUST_CHECK bool log_sink_write(int priority, char *line, size_t length);

#endif
