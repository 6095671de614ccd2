/*
 * log.h - writes log lines for operators, in logfmt (key=value).
 *
 * A line begins with time, level and, during a request, request_id.  Durations
 * are in seconds.  Each line is one write, so the lines of several processes
 * never mix.  A value that is not a plain word is quoted and its control
 * characters are escaped, so that no input can forge a line.  Callers must not
 * log secrets.
 *
 * Logging preserves errno, cannot fail and never waits: if the reader of a
 * pipe, the journal or syslog stalls, or a disk is full, lines are dropped, and
 * the next line that is written after them gives their number.
 */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * Set the destination: "stderr" (the default), "syslog", or the absolute path
 * of a file, which is created with mode 0640 and appended to.  Return false,
 * with the reason in errno and the destination unchanged, if the file cannot be
 * opened.
 *
 * If systemd has connected standard error to its journal, each line begins with
 * its priority, such as "<3>" (sd-daemon(3)), which the journal removes.
 */
MUST_CHECK bool log_to(const char *destination);

/* Return whether log_to() could open a file now, with the reason in errno if
 * not.  The file is not created. */
MUST_CHECK bool log_can_open(const char *path);

/* Drop lines that are less severe than this level.  Default: LOG_LEVEL_INFO. */
void log_limit(enum log_level level);

/* Find a level by its name, such as "info". */
MUST_CHECK bool log_level_named(const char *name, enum log_level *level);

/* Set the request_id of all following lines; NULL: none.  It is borrowed until
 * the next call. */
void log_request(const char *request_id);

/* Write a line with a sentence: msg="...". */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Return a duration in the format of log fields: "1.250". */
const char *log_seconds(struct arena *arena, int64_t milliseconds);

struct log_field {
	const char *key;
	const char *value; /* NULL: the field is left out */
};

/* Write a line of fields.  The last one has a NULL key. */
void log_fields(enum log_level level, const struct log_field *fields);

#endif
