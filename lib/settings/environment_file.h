/*
 * environment_file.h - puts the settings of a file into the environment.
 */
#ifndef LIB_SETTINGS_ENVIRONMENT_FILE_H
#define LIB_SETTINGS_ENVIRONMENT_FILE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct findings;

/*
 * Set each variable of the file that the environment does not have yet.
 *
 * The file has the format of systemd's EnvironmentFile=, without escapes and
 * continued lines: a line is NAME=VALUE, or a comment that begins with # or ;
 * and a value may stand in one pair of quotes.  If several lines set the same
 * name, the last one counts.  A line of any other form is an error in findings.
 * So is a name that begins with PROVISOR_ and is not a setting.
 *
 * Return false, with the reason in errno, if the file cannot be read.
 */
MUST_CHECK bool environment_file_read(const char *path,
				      struct findings *findings);

#endif
