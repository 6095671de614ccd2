/*
 * environment_file.h - reads a file of environment variables.
 */
#ifndef LIB_SETTINGS_ENVIRONMENT_FILE_H
#define LIB_SETTINGS_ENVIRONMENT_FILE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct environment_file;
struct findings;

/*
 * Read a file in the format of systemd's EnvironmentFile=, without escapes and
 * continued lines: a line is NAME=VALUE, or a comment that begins with # or ;
 * and a value may stand in one pair of quotes.  A line of any other form is an
 * error in findings.  So is a name that begins with PROVISOR_ and is not a
 * setting.
 *
 * Return NULL, with the reason in errno, if the file cannot be read.  The
 * result belongs to the arena of findings.
 */
MUST_CHECK const struct environment_file *
environment_file_parse(const char *path, struct findings *findings);

/* Return the value of a variable, or NULL.  If several lines set it, the last
 * one counts. */
MUST_CHECK const char *
environment_file_value(const struct environment_file *file, const char *name);

/* Read a file, and set each of its variables that the environment does not have
 * yet.  Return false, with the reason in errno, if it cannot be read. */
MUST_CHECK bool environment_file_read(const char *path,
				      struct findings *findings);

#endif
