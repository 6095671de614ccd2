/*
 * log.h - one line per thing worth telling an operator, as key=value pairs.
 *
 * A line is one write, so the lines of a pool's processes never mix.  Values
 * that are not plain words are quoted and control bytes escaped: nobody
 * outside can forge a line.  Secrets do not come here; log the id they belong
 * to.
 *
 * What writes a line leaves errno as it was and has no way of failing.
 */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * Choose where lines go: "stderr", "syslog", or the absolute path of a file,
 * which is appended to and created with mode 0640.  False, and standard error
 * stays in use, when the file cannot be opened; errno tells why.
 *
 * Before this is called lines go to standard error.
 */
bool log_to(const char *destination);

/* Lines above this level are dropped; the default is LOG_LEVEL_INFO. */
void log_limit(enum log_level level);

/* Name a level by its word; false when there is no such word. */
bool log_level_named(const char *word, enum log_level *level);

/* What is being served, told on every line until it is changed; NULL: none.
 * Borrowed: it must live until then. */
void log_request(const char *request_id);

/* A sentence for a person: message="...". */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct log_field {
	const char *key;
	const char *value; /* NULL: the field is left out */
};

/* A line of fields, up to one whose key is NULL. */
void log_fields(enum log_level level, const struct log_field *fields);

#endif
