/*
 * json_file.h - reads a file of JSON that an option names.
 */
#ifndef CGI_CLI_JSON_FILE_H
#define CGI_CLI_JSON_FILE_H

#include "lib/base/base.h"

struct cli;
struct json;

/*
 * Read the file at path, which option, such as "--body", names; "-" is standard
 * input.  Set *text, which may be NULL, and *value.  Return CLI_OK, or another
 * exit status after printing why the file cannot be read or is not JSON.
 */
MUST_CHECK int cli_read_json(const struct cli *cli, const char *option,
			     const char *path, const char **text,
			     const struct json **value);

#endif
